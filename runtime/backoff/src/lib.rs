//! When to send again and how long to wait: retry matrix, full jitter, budgets, server hints.
