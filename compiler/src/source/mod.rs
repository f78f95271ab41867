//! Source text and places in it. Owns file identities, byte spans, the line index and the trait by which the compiler
//! asks for files. It must not touch a disk: the command line, the language server and the tests implement [`ReadFiles`].

mod line_index;

use std::sync::Arc;

pub use line_index::{LineColumn, LineIndex};

/// Identifies one text within a compilation. A file of the standard library has the same id in every compilation, so that
/// what was read of it can be kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileId(pub u32);

impl FileId {
    /// Marks a span that stands nowhere, such as that of a value the compiler itself supplies.
    pub const NONE: FileId = FileId(u32::MAX);

    const LIBRARY: u32 = 1 << 31;
    const PART: u32 = 1 << 30;

    /// The id of a file of the standard library, by its place there.
    pub fn library(index: usize) -> FileId {
        FileId(FileId::LIBRARY | index as u32)
    }

    /// The id of a part of a file that is read in parts, by a number of whoever reads it.
    pub fn part(index: usize) -> FileId {
        FileId(FileId::PART | index as u32)
    }

    /// Whether the file belongs to the standard library.
    pub fn is_library(self) -> bool {
        self.library_index().is_some()
    }

    fn part_index(self) -> Option<usize> {
        (self.0 & (FileId::LIBRARY | FileId::PART) == FileId::PART).then_some((self.0 & !FileId::PART) as usize)
    }

    /// The place of a file of the standard library there.
    pub fn library_index(self) -> Option<usize> {
        (self.0 & FileId::LIBRARY != 0 && self != FileId::NONE).then_some((self.0 & !FileId::LIBRARY) as usize)
    }
}

/// A range of bytes in a file: `start` included, `end` excluded.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub const NONE: Span = Span { file: FileId::NONE, start: 0, end: 0 };

    pub fn new(file: FileId, start: usize, end: usize) -> Span {
        Span { file, start: start as u32, end: end as u32 }
    }

    pub fn is_none(self) -> bool {
        self.file == FileId::NONE
    }

    /// The smallest span that holds both; `self` where they are of different files.
    pub fn to(self, other: Span) -> Span {
        if self.is_none() {
            return other;
        }
        if other.file != self.file {
            return self;
        }
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// An empty span at the start of this one.
    pub fn at_start(self) -> Span {
        Span { end: self.start, ..self }
    }

    /// An empty span at the end of this one.
    pub fn at_end(self) -> Span {
        Span { start: self.end, ..self }
    }

    pub fn contains(self, offset: u32) -> bool {
        self.start <= offset && offset <= self.end
    }
}

impl std::fmt::Debug for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_none() { f.write_str("-") } else { write!(f, "{}:{}..{}", self.file.0, self.start, self.end) }
    }
}

/// One text with its name. Names use `/` and are relative to the root of the compilation, so that output never holds a
/// path of the machine.
#[derive(Debug)]
pub struct SourceFile {
    pub name: String,
    pub text: Arc<str>,
    /// Whether the text belongs to the standard library rather than to the user.
    pub is_library: bool,
    lines: std::sync::OnceLock<LineIndex>,
}

impl SourceFile {
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>, is_library: bool) -> SourceFile {
        SourceFile { name: name.into(), text: text.into(), is_library, lines: std::sync::OnceLock::new() }
    }

    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }
}

/// All texts of a compilation, by id.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Arc<SourceFile>>,
    /// Those of the standard library that were used, by their place there.
    library: Vec<Option<Arc<SourceFile>>>,
    /// Texts of the parts of files that are read in parts. Each has the name of its file, and is no file of its own.
    parts: Vec<Option<Arc<SourceFile>>>,
}

impl Sources {
    pub fn add(&mut self, file: SourceFile) -> FileId {
        self.add_shared(Arc::new(file))
    }

    pub fn add_shared(&mut self, file: Arc<SourceFile>) -> FileId {
        self.files.push(file);
        FileId(self.files.len() as u32 - 1)
    }

    /// Enters a file of the standard library under its own id.
    pub fn add_library(&mut self, index: usize, file: Arc<SourceFile>) -> FileId {
        if self.library.len() <= index {
            self.library.resize(index + 1, None);
        }
        self.library[index] = Some(file);
        FileId::library(index)
    }

    /// Enters a part of a file under its own id.
    pub fn add_part(&mut self, id: FileId, text: Arc<SourceFile>) {
        let Some(index) = id.part_index() else { return };
        if self.parts.len() <= index {
            self.parts.resize(index + 1, None);
        }
        self.parts[index] = Some(text);
    }

    pub fn get(&self, id: FileId) -> &SourceFile {
        if let Some(index) = id.part_index() {
            return self.parts[index].as_deref().expect("an id is handed out when its part is entered");
        }
        match id.library_index() {
            Some(index) => self.library[index].as_deref().expect("an id is handed out when its file is entered"),
            None => &self.files[id.0 as usize],
        }
    }

    /// A whole file of the users'.
    pub fn find_user(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize).map(Arc::as_ref)
    }

    /// The same texts, with users' files named from a folder: what is written must not depend on where the compiler was
    /// started.
    pub fn named_from(&self, folder: &str) -> Sources {
        if folder.is_empty() {
            return self.clone();
        }
        let renamed = |file: &Arc<SourceFile>| {
            Arc::new(SourceFile::new(relative(folder, &file.name), file.text.clone(), file.is_library))
        };
        Sources { files: self.files.iter().map(renamed).collect(), library: self.library.clone(), parts: Vec::new() }
    }

    pub fn text(&self, span: Span) -> &str {
        if span.is_none() {
            return "";
        }
        self.get(span.file).text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        let library = self.library.iter().enumerate();
        let library = library.filter_map(|(index, file)| file.as_deref().map(|file| (FileId::library(index), file)));
        self.files.iter().enumerate().map(|(index, file)| (FileId(index as u32), &**file)).chain(library)
    }

    pub fn find(&self, name: &str) -> Option<FileId> {
        self.iter().find(|(_, file)| file.name == name).map(|(id, _)| id)
    }
}

/// A path seen from a folder, both with `/` and from the same root.
pub fn relative(folder: &str, path: &str) -> String {
    let from: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let to: Vec<&str> = path.split('/').collect();
    let shared = from.iter().zip(&to[..to.len() - 1]).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - shared);
    up.chain(to[shared..].iter().copied()).collect::<Vec<_>>().join("/")
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("there is no such file")]
    NotFound,
    #[error("it is a folder")]
    IsFolder,
    #[error("{0}")]
    Other(String),
}

/// What kind of thing a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathKind {
    File,
    Folder,
}

/// How the compiler asks for files. Paths use `/` and are relative to the root of the compilation; `..` has been
/// resolved as far as it can be. Implementations live with whoever owns the files.
pub trait ReadFiles: Send + Sync {
    /// The whole content of a file.
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError>;
    /// What stands at a path, if anything.
    fn kind(&self, path: &str) -> Option<PathKind>;
    /// The files below a folder, as paths relative to that folder with `/`, sorted by their bytes.
    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError>;
}
