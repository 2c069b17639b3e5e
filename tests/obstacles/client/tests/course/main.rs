//! The client of the obstacle course on the wire: each style and body as text, each shape read and written back.

#![warn(clippy::pedantic)]

mod answers;
mod bodies;
mod credentials;
mod forms;
mod meanings;
mod names;
mod operators;
mod pages;
mod paths;
mod redirects;
mod setup;
mod shapes;
mod styles;
