//! Virtual clock, scripted transport and an in-process sandbox for tests of programs that use a generated client.

pub mod sandbox;

pub use sandbox::Sandbox;
