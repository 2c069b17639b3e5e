//! The request loop behind every generated client, and the one import they need.
