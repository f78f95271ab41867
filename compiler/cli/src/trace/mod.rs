//! From a built document back to the sources: JSON text with positions, source maps, and questions about both. It reads
//! no files; `commands::trace` does.

mod document;
mod map;
mod mentions;
mod query;

pub(crate) use document::{Document, EntryId};
pub(crate) use map::{Origin, SourceMap};
pub(crate) use query::{Answer, find};
