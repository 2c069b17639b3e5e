//! Never over the window, and never too many at once: who may send a request now.
//!
//! Input: the windows that an API documents (so many requests in so much time), and what its answers say about them.
//! Output: a [`Permit`] for whoever may send now; everybody else waits for it. And a [`Slot`] for whoever may have a request
//! in flight.
//!
//! `quota` is what is known of one account and every change of it, as pure functions. `wait` is who waits around it:
//! in two lanes, served in order. `home` is where the record is: in this process, or in rows that processes share. `slots` is
//! what is in flight, of all tenants and of each; it knows nothing of windows.
//!
//! # Invariants
//!
//! - No stretch of a window's length holds more arrivals than the window allows, as the *server* sees them: a request counts
//!   from when it was sent until a whole period after its answer, so no latency can press two of them together.
//! - A request without an answer counts as one that is answered 5 s after it was given up: it may still arrive.
//! - A permit that was not used is given back, also by a caller that is dropped while it waits.
//! - The whole window is ours until the server shows that others use it.
//! - Without its rows a process sends nothing for the longest window, and then its part.
//! - Where a slot is free, nobody waits who could have it. While a call waits for a slot, each other tenant gets one at most
//!   for each call of its own tenant that is before it, and for itself.
//!
//! This crate never sends a request.

mod account;
mod alone;
mod exhausted;
mod home;
mod limiter;
mod lost;
mod news;
mod parts;
mod permit;
mod queue;
mod quota;
mod shared;
mod slots;
mod wait;

pub use exhausted::Exhausted;
pub use limiter::Limiter;
pub use parts::{LimiterParts, Sharing};
pub use permit::{Permit, Sending};
pub use quota::{Lane, Usage};
pub use slots::{InFlight, Slot, Slots, TooManyInFlight};
