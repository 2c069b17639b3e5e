//! Vocabulary of the runtime: operations, wire codecs, errors, secrets, clock, transport.
