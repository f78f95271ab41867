//! The program as a person or a build server runs it: what it prints, writes and ends with.

mod building;
mod checking;
mod formatting;
mod other;
mod packaging;
mod project;
mod shown;
mod tracing;
mod watching;
