//! Idempotency keys: one for each logical operation, the same on every attempt.
