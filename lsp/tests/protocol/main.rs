//! The server through a pipe, as an editor speaks to it.

mod client;
mod order;
mod requests;
