//! The specwright command: configuration, the straight line of stages, and its output.

pub mod config;
pub mod exit;
pub mod output;
pub mod render;
