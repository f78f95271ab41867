//! What an editor asks: completion, hover, definition, rename and more. Offsets in bytes go in, plain structs come out; it
//! must not know any protocol, nor touch a disk.

mod actions;
mod analysis;
mod completion;
mod context;
mod document;
mod engine;
mod generated;
mod hover;
mod index;
mod inlay;
mod navigation;
mod outline;
mod semantic;
mod show;
mod signature;

pub use actions::{Action, ActionKind};
pub use analysis::{Analysis, Finding, FindingFix, Place, TextEdit};
pub use completion::{Completion, CompletionKind};
pub use document::Document;
pub use engine::{Engine, Workspace};
pub use generated::{GeneratedFile, GeneratedPlace, Graph, GraphEdge, GraphGroup, GraphNode};
pub use hover::Hover;
pub use index::DefinitionKind;
pub use inlay::{Inlay, InlayKind};
pub use navigation::{FileLink, Link, NoRename, Use};
pub use outline::{CallItem, Fold, FoldKind, Lens, Symbol};
pub use semantic::{SemanticKind, SemanticToken};
pub use signature::Signature;
