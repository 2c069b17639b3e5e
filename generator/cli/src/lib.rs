//! The specwright command: configuration, the straight line of stages, and its output.
