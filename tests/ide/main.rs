//! What editors ask: that it agrees with the compiler, that edits leave the same state as a fresh start, and fixtures.

mod agreement;
mod fixtures;
mod replay;
mod workspace;
