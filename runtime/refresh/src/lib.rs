//! One refresh for any number of callers, ahead of expiry, that outlives whoever asked for it.
