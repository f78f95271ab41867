//! The state of a workspace at one moment: immutable, shared by all who ask about it. Places go in and out as offsets of
//! whole files. It must not evaluate anything of the user's.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::document::{Document, Part, Placed};
use super::index::{Application, Callee, Definition, Index, Reference, Way};
use crate::compilation::Options;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::evaluate::KindInfo;
use crate::evaluate::incremental::{self, Noted};
use crate::kinds::Kind;
use crate::plan::WorkflowPlan;
use crate::resolve::{self, Global, Names, declared_name};
use crate::source::{FileId, ReadFiles, Sources, Span};
use crate::syntax::tree::{Declaration, DeclarationKind, EntryKind, Expression, ExpressionKind};
use crate::types::{Class, Data, FieldType, Type, Value};

/// A range of bytes in a file of the workspace, or of the standard library (`stdlib/…`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub path: String,
    pub start: u32,
    pub end: u32,
}

/// A change of one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextEdit {
    pub place: Place,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingFix {
    pub title: String,
    pub edits: Vec<TextEdit>,
}

/// A diagnostic with its places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub code: &'static str,
    pub severity: Severity,
    pub message: String,
    pub label: String,
    pub place: Place,
    pub related: Vec<(Place, String)>,
    pub help: Vec<String>,
    pub fix: Option<FindingFix>,
}

/// See the module.
pub struct Analysis {
    pub documents: BTreeMap<String, Arc<Document>>,
    pub(super) names: Names,
    pub(super) sources: Sources,
    noted: FxHashMap<FileId, Arc<Noted>>,
    kinds: FxHashMap<Global, Option<Arc<KindInfo>>>,
    pub(super) workflows: FxHashMap<FileId, Vec<Arc<WorkflowPlan>>>,
    findings: BTreeMap<String, Arc<Vec<Finding>>>,
    pub options: Arc<Options>,
    pub files: Arc<dyn ReadFiles>,
    homes: FxHashMap<FileId, (Arc<Document>, u32)>,
    pub(super) built: OnceLock<Arc<super::generated::Built>>,
}

/// A place in a part of a file.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    pub(super) document: &'a Document,
    pub(super) placed: &'a Placed,
    /// From the start of the part.
    pub(super) offset: u32,
}

impl Cursor<'_> {
    pub(super) fn part(&self) -> &Arc<Part> {
        &self.placed.part
    }
}

impl Analysis {
    #[expect(clippy::too_many_arguments, reason = "the parts of a state")]
    pub(super) fn new(
        documents: BTreeMap<String, Arc<Document>>,
        names: Names,
        sources: Sources,
        noted: FxHashMap<FileId, Arc<Noted>>,
        kinds: FxHashMap<Global, Option<Arc<KindInfo>>>,
        workflows: FxHashMap<FileId, Vec<Arc<WorkflowPlan>>>,
        found: &FxHashMap<FileId, Vec<Diagnostic>>,
        options: Arc<Options>,
        files: Arc<dyn ReadFiles>,
    ) -> Analysis {
        let mut homes = FxHashMap::default();
        for document in documents.values() {
            for placed in &document.parts {
                homes.insert(placed.part.id, (document.clone(), placed.start));
            }
        }
        let findings = BTreeMap::new();
        let mut analysis = Analysis {
            documents,
            names,
            sources,
            noted,
            kinds,
            workflows,
            findings,
            options,
            files,
            homes,
            built: OnceLock::new(),
        };
        analysis.findings = analysis.sorted(found);
        analysis
    }

    fn sorted(&self, found: &FxHashMap<FileId, Vec<Diagnostic>>) -> BTreeMap<String, Arc<Vec<Finding>>> {
        let mut all = Diagnostics::default();
        let syntax = self.documents.values().flat_map(|document| document.parts.iter().flat_map(|p| &p.part.found));
        let others = found.values().flatten();
        for diagnostic in syntax.chain(others) {
            all.push(self.in_files(diagnostic));
        }
        let mut lists: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
        for diagnostic in crate::diagnostics::without_consequences(all.finish(), &self.sources) {
            let Some(finding) = self.finding(&diagnostic) else { continue };
            lists.entry(finding.place.path.clone()).or_default().push(finding);
        }
        lists.into_iter().map(|(path, list)| (path, Arc::new(list))).collect()
    }

    /// A finding with places of whole files instead of parts.
    fn in_files(&self, diagnostic: &Diagnostic) -> Diagnostic {
        let whole = |span: &mut Span| {
            if let Some((_, start)) = self.homes.get(&span.file) {
                *span = Span { file: self.names.home(span.file), start: start + span.start, end: start + span.end };
            }
        };
        let mut moved = diagnostic.clone();
        whole(&mut moved.primary.span);
        moved.related.iter_mut().for_each(|label| whole(&mut label.span));
        if let Some(fix) = &mut moved.fix {
            fix.edits.iter_mut().for_each(|edit| whole(&mut edit.span));
        }
        moved
    }

    fn finding(&self, diagnostic: &Diagnostic) -> Option<Finding> {
        let place = self.place(diagnostic.primary.span)?;
        let related =
            diagnostic.related.iter().filter_map(|label| Some((self.place(label.span)?, label.text.clone()))).collect();
        let fix = diagnostic.fix.as_ref().and_then(|fix| {
            let edits: Option<Vec<TextEdit>> = fix
                .edits
                .iter()
                .map(|edit| Some(TextEdit { place: self.place(edit.span)?, text: edit.text.clone() }))
                .collect();
            Some(FindingFix { title: fix.title.clone(), edits: edits? })
        });
        Some(Finding {
            code: diagnostic.code(),
            severity: diagnostic.severity(),
            message: diagnostic.message.clone(),
            label: diagnostic.primary.text.clone(),
            place,
            related,
            help: diagnostic.help.clone(),
            fix,
        })
    }

    /// What is wrong in a file, in order.
    pub fn findings(&self, path: &str) -> Arc<Vec<Finding>> {
        self.findings.get(path).cloned().unwrap_or_default()
    }

    /// The files that have findings.
    pub fn files_with_findings(&self) -> impl Iterator<Item = (&str, &Arc<Vec<Finding>>)> {
        self.findings.iter().map(|(path, list)| (path.as_str(), list))
    }

    /// A span of a part or of the library as a place.
    pub fn place(&self, span: Span) -> Option<Place> {
        if span.is_none() {
            return None;
        }
        if let Some((document, start)) = self.homes.get(&span.file) {
            return Some(Place { path: document.path.clone(), start: start + span.start, end: start + span.end });
        }
        if let Some(file) = self.sources.find_user(span.file) {
            return Some(Place { path: file.name.clone(), start: span.start, end: span.end });
        }
        let (file, _) = resolve::library_file(span.file)?;
        Some(Place { path: file.name.clone(), start: span.start, end: span.end })
    }

    /// The text of a file of the workspace or of the library.
    pub fn text(&self, path: &str) -> Option<Arc<str>> {
        match self.documents.get(path) {
            Some(document) => Some(document.source.text.clone()),
            None => resolve::library_file(resolve::library_id(path)?).map(|(file, _)| file.text.clone()),
        }
    }

    pub(super) fn cursor(&self, path: &str, offset: u32) -> Option<Cursor<'_>> {
        let document = self.documents.get(path)?;
        let mut offset = offset.min(document.text().len() as u32);
        while !document.text().is_char_boundary(offset as usize) {
            offset -= 1;
        }
        let (placed, offset) = document.locate(offset);
        Some(Cursor { document, placed, offset })
    }

    pub(super) fn source_text(&self, span: Span) -> String {
        if let Some((document, start)) = self.homes.get(&span.file) {
            let range = (start + span.start) as usize..(start + span.end) as usize;
            return document.text().get(range).unwrap_or_default().to_owned();
        }
        resolve::library_file(span.file)
            .and_then(|(file, _)| file.text.get(span.start as usize..span.end as usize).map(str::to_owned))
            .unwrap_or_default()
    }

    pub(super) fn index<'p>(&self, part: &'p Part) -> &'p Index {
        part.index.get_or_init(|| {
            let whole = Span::new(part.id, 0, part.text().len());
            Index::new(&part.tree.declarations, whole)
        })
    }

    pub(super) fn part(&self, id: FileId) -> Option<Arc<Part>> {
        let (document, _) = self.homes.get(&id)?;
        document.place(id).map(|placed| placed.part.clone())
    }

    /// What the expression at a span came to.
    pub(super) fn value(&self, span: Span) -> Option<&Value> {
        self.noted.get(&span.file)?.get(&(span.start, span.end))
    }

    /// The reference or definition at the cursor.
    pub(super) fn word_at<'i>(&self, index: &'i Index, offset: u32) -> Option<Word<'i>> {
        let reference = index.references.iter().filter(|reference| reference.span.contains(offset));
        let reference = reference.min_by_key(|reference| reference.span.end - reference.span.start);
        if let Some(reference) = reference {
            return Some(Word::Reference(reference));
        }
        let named = |definition: &&Definition| {
            definition.span.contains(offset) && definition.kind != super::index::DefinitionKind::Control
        };
        index.definitions.iter().find(named).map(Word::Definition)
    }

    /// Where what a word means is named.
    pub(super) fn target(&self, part: &Part, word: &Word<'_>) -> Option<Span> {
        match word {
            Word::Definition(definition) => Some(definition.span),
            Word::Reference(reference) => self.resolve(part, reference),
        }
    }

    pub(super) fn name_span(&self, global: Global) -> Option<Span> {
        let (tree, index) = self.names.declaration(global)?;
        declared_name(tree.declarations.get(index)?).map(|name| name.span)
    }

    /// Where what a reference means is named.
    pub(super) fn resolve(&self, part: &Part, reference: &Reference) -> Option<Span> {
        let index = self.index(part);
        match &reference.way {
            Way::Name { .. } => match index.lookup(reference.scope, &reference.name) {
                Some(definition) => Some(index.definitions[definition].span),
                None => self.global_span(part.id, &reference.name),
            },
            Way::Callee | Way::Base => match self.applicable(part.id, &reference.name) {
                Some(global) => self.name_span(global),
                None => self.global_span(part.id, &reference.name),
            },
            Way::Type { path } => match path.first() {
                Some(first) => match self.names.find(part.id, &first.text)? {
                    Global::Namespace(file) => self.name_span(self.names.member(file, &reference.name)?),
                    Global::Declaration(..) => None,
                },
                None => self.global_span(part.id, &reference.name),
            },
            Way::Member { base } => self.member_span(part, reference.scope, base, &reference.name),
            Way::Key { application, path } => {
                let mut path = path.clone();
                path.push(reference.name.clone());
                self.field(part, &index.applications[*application], &path).map(|field| field.span)
            }
            Way::Argument { callee } => self.argument_span(part, reference.scope, callee, &reference.name),
            Way::Imported { path, .. } => {
                let (document, _) = self.homes.get(&part.id)?;
                let target = super::engine::import_target(&document.path, path)?;
                let file = self.names.file(&target)?;
                self.name_span(self.names.member(file, &reference.name)?)
            }
        }
    }

    fn global_span(&self, file: FileId, name: &str) -> Option<Span> {
        match self.names.find(file, name)? {
            Global::Namespace(_) => {
                // The name that the import gives it.
                let document = self.homes.get(&file).map(|(document, _)| document.clone())?;
                document.parts.iter().find_map(|placed| {
                    let index = self.index(&placed.part);
                    let found = index.definitions.iter().find(|definition| {
                        definition.name == name && definition.kind == super::index::DefinitionKind::Import
                    });
                    found.map(|definition| definition.span)
                })
            }
            global => self.name_span(global),
        }
    }

    /// The kind or component that a bare name means where it is applied.
    pub(super) fn applicable(&self, file: FileId, name: &str) -> Option<Global> {
        let is = |global: &Global| {
            self.names.declaration(*global).is_some_and(|(tree, index)| {
                matches!(
                    tree.declarations[index].kind,
                    DeclarationKind::Kind { .. } | DeclarationKind::Component { .. }
                )
            })
        };
        self.names.find(file, name).filter(is).or_else(|| resolve::library_global(name).filter(is))
    }

    pub(super) fn callee_global(&self, file: FileId, callee: &Expression) -> Option<Global> {
        match &*callee.kind {
            ExpressionKind::Name(name) => self.applicable(file, name),
            ExpressionKind::Member { base, name, .. } => {
                let ExpressionKind::Name(first) = &*base.kind else { return None };
                match self.names.find(file, first)? {
                    Global::Namespace(other) => self.names.member(other, &name.text),
                    Global::Declaration(..) => None,
                }
            }
            _ => None,
        }
    }

    /// A kind with the types of its fields.
    pub(super) fn kind(&self, global: Global) -> Option<Arc<KindInfo>> {
        if let Some(known) = self.kinds.get(&global) {
            return known.clone();
        }
        let Global::Declaration(file, _) = global else { return None };
        if !file.is_library() {
            return None;
        }
        let (tree, index) = self.names.declaration(global)?;
        self.library_kind(&declared_name(&tree.declarations[index])?.text)
    }

    pub(super) fn library_kind(&self, name: &str) -> Option<Arc<KindInfo>> {
        type Known = Mutex<FxHashMap<SmolStr, Option<Arc<KindInfo>>>>;
        static KNOWN: OnceLock<Known> = OnceLock::new();
        let known = KNOWN.get_or_init(Known::default);
        if let Some(found) = known.lock().ok().and_then(|known| known.get(name).cloned()) {
            return found;
        }
        let info = incremental::library_kind(name, &self.options);
        if let Ok(mut known) = known.lock() {
            known.insert(name.into(), info.clone());
        }
        info
    }

    pub(super) fn application_kind(&self, part: &Part, application: &Application) -> Option<Arc<KindInfo>> {
        match &application.callee {
            Callee::Known(name) => self.library_kind(name),
            Callee::Written(callee) => self.kind(self.callee_global(part.id, callee)?),
        }
    }

    /// The field that a path of keys in an application means.
    pub(super) fn field(&self, part: &Part, application: &Application, path: &[SmolStr]) -> Option<FieldInfo> {
        let info = self.application_kind(part, application)?;
        let (first, rest) = path.split_first()?;
        let is_step = application.word.is_none_or(|word| word.is_step());
        let mut field = field_of(&info, first);
        if field.is_none() && is_step && !matches!(application.callee, Callee::Known(_)) {
            field = self.library_kind("step_settings").and_then(|common| field_of(&common, first));
        }
        let mut field = field?;
        for key in rest {
            field = inner_field(&field.type_, key)?;
        }
        Some(field)
    }

    fn argument_span(&self, part: &Part, scope: usize, callee: &Expression, name: &str) -> Option<Span> {
        if let Some(global) = self.callee_global(part.id, callee) {
            let info = self.kind(global)?;
            let field = info.kind.parameters.iter().find(|field| field.name.text == name)?;
            return Some(field.name.span);
        }
        let ExpressionKind::Name(function) = &*callee.kind else { return None };
        let span = match self.index(part).lookup(scope, function) {
            Some(definition) => self.index(part).definitions[definition].span,
            None => self.global_span(part.id, function)?,
        };
        let declaration = self.declaration_at(span)?;
        let DeclarationKind::Let { parameters: Some(parameters), .. } = &declaration.kind else { return None };
        parameters.iter().find(|field| field.name.text == name).map(|field| field.name.span)
    }

    /// The declaration whose name stands at a span.
    pub(super) fn declaration_at(&self, span: Span) -> Option<Declaration> {
        fn find(declarations: &[Declaration], span: Span) -> Option<Declaration> {
            for declaration in declarations {
                if declared_name(declaration).is_some_and(|name| name.span == span) {
                    return Some(declaration.clone());
                }
                if !declaration.span.contains(span.start) {
                    continue;
                }
                let blocks: Vec<&[Declaration]> = match &declaration.kind {
                    DeclarationKind::Workflow { body, .. }
                    | DeclarationKind::Component { body, .. }
                    | DeclarationKind::Kind { body, .. }
                    | DeclarationKind::For { body, .. }
                    | DeclarationKind::Each { body, .. }
                    | DeclarationKind::Try { body }
                    | DeclarationKind::OnFailure { body, .. } => vec![&body.declarations],
                    DeclarationKind::When { branches, otherwise } => branches
                        .iter()
                        .map(|branch| branch.body.declarations.as_slice())
                        .chain(otherwise.iter().map(|block| block.declarations.as_slice()))
                        .collect(),
                    _ => Vec::new(),
                };
                if let Some(found) = blocks.into_iter().find_map(|block| find(block, span)) {
                    return Some(found);
                }
            }
            None
        }
        let tree = match self.homes.get(&span.file) {
            Some((document, _)) => document.place(span.file)?.part.tree.clone(),
            None => resolve::library_file(span.file)?.1,
        };
        find(&tree.declarations, span)
    }

    fn member_span(&self, part: &Part, scope: usize, base: &Expression, name: &str) -> Option<Span> {
        let index = self.index(part);
        if let ExpressionKind::Name(first) = &*base.kind {
            match index.lookup(scope, first) {
                Some(definition) => {
                    if let Some(found) = self.result_span(part, &index.definitions[definition], name) {
                        return Some(found);
                    }
                }
                None => match self.names.find(part.id, first) {
                    Some(Global::Namespace(file)) => return self.name_span(self.names.member(file, name)?),
                    Some(global) => {
                        let span = self.name_span(global)?;
                        if let Some(other) = self.part(span.file) {
                            let other_index = self.index(&other);
                            let definition = other_index.definitions.iter().find(|d| d.span == span);
                            let found = definition.and_then(|d| self.result_span(&other, d, name));
                            if found.is_some() {
                                return found;
                            }
                        }
                    }
                    None => {}
                },
            }
        }
        let value = self.value(base.span)?;
        member_of_value(value, name)
    }

    /// Where a result or field of a step is named, seen from its declaration.
    fn result_span(&self, part: &Part, definition: &Definition, name: &str) -> Option<Span> {
        let index = self.index(part);
        let application = &index.applications[definition.application?];
        for entry in &application.body.entries {
            let EntryKind::Field { key, value } = &entry.kind else { continue };
            if key.text != "out" {
                continue;
            }
            let ExpressionKind::Object(outputs) = &*value.kind else { continue };
            for output in &outputs.entries {
                let key = match &output.kind {
                    EntryKind::Typed(field) => &field.name,
                    EntryKind::Field { key, .. } => key,
                    _ => continue,
                };
                if key.text == name {
                    return Some(key.span);
                }
            }
        }
        let info = self.application_kind(part, application)?;
        result_of_kind(&info.kind, name).or_else(|| field_of(&info, name).map(|field| field.span))
    }
}

/// Where a kind names one of its results.
fn result_of_kind(kind: &Kind, name: &str) -> Option<Span> {
    for declaration in &kind.chain {
        for inner in &declaration.body.declarations {
            if let DeclarationKind::Output { name: output, .. } = &inner.kind
                && output.text == name
            {
                return Some(output.span);
            }
        }
    }
    let ExpressionKind::Object(object) = &*kind.results()?.kind else { return None };
    object.entries.iter().find_map(|entry| match &entry.kind {
        EntryKind::Field { key, .. } if key.text == name => Some(key.span),
        EntryKind::Typed(field) if field.name.text == name => Some(field.name.span),
        _ => None,
    })
}

/// A field of a kind or a member of a record.
#[derive(Clone, Debug)]
pub(super) struct FieldInfo {
    pub(super) name: SmolStr,
    pub(super) type_: Type,
    pub(super) stage: crate::types::Stage,
    pub(super) doc: Option<SmolStr>,
    pub(super) span: Span,
    pub(super) required: bool,
    /// The text of its default, where it has one.
    pub(super) default: Option<Expression>,
}

pub(super) fn field_of(info: &KindInfo, name: &str) -> Option<FieldInfo> {
    let index = info.kind.fields.iter().position(|field| field.name.text == name)?;
    Some(field_at(info, index))
}

pub(super) fn field_at(info: &KindInfo, index: usize) -> FieldInfo {
    let field = &info.kind.fields[index];
    let type_ = info.types[index].clone();
    FieldInfo {
        name: field.name.text.clone(),
        stage: crate::evaluate::stage_of(field.stage),
        doc: field.doc.as_ref().map(|doc| doc.text.clone()),
        span: field.name.span,
        required: field.default.is_none() && !type_.is_optional(),
        default: field.default.clone(),
        type_,
    }
}

/// All fields that can be given to a kind.
pub(super) fn open_fields(info: &KindInfo) -> Vec<FieldInfo> {
    (0..info.kind.fields.len())
        .filter(|index| !info.kind.fixes.iter().any(|(fixed, _)| fixed.text == info.kind.fields[*index].name.text))
        .map(|index| field_at(info, index))
        .collect()
}

pub(super) fn of_record(field: &FieldType) -> FieldInfo {
    FieldInfo {
        name: field.name.clone(),
        type_: field.type_.clone(),
        stage: field.stage,
        doc: field.doc.clone(),
        span: field.span,
        required: !field.optional && !field.type_.is_optional(),
        default: None,
    }
}

/// What a key means within a value of a type.
pub(super) fn inner_field(type_: &Type, key: &str) -> Option<FieldInfo> {
    match type_.required() {
        Type::Record(record) => record.field(key).map(of_record),
        Type::List(inner) => inner_field(inner, key),
        Type::Map(inner) | Type::Outputs(inner) => Some(FieldInfo {
            name: key.into(),
            type_: (**inner).clone(),
            stage: crate::types::Stage::Run,
            doc: None,
            span: Span::NONE,
            required: false,
            default: None,
        }),
        Type::Union(types) => types.iter().find_map(|type_| inner_field(type_, key)),
        _ => None,
    }
}

/// Where a member of a value is named: in its type, or where it was written.
fn member_of_value(value: &Value, name: &str) -> Option<Span> {
    let record = |type_: &Type| match type_.required() {
        Type::Record(record) => record.field(name).map(|field| field.span),
        Type::Report(Some(record)) => record.field(name).map(|field| field.span),
        _ => None,
    };
    match &value.data {
        Data::Late(late) => record(&late.type_),
        Data::Object(object) => {
            let typed = match &object.class {
                Class::Data(type_) | Class::Descriptor(type_) => record(type_),
                _ => None,
            };
            typed.or_else(|| {
                let entry = object.entries.iter().find(|entry| entry.key == name)?;
                (!entry.key_span.is_none()).then_some(entry.key_span)
            })
        }
        _ => None,
    }
}

/// What stands at the cursor.
#[derive(Clone, Copy, Debug)]
pub(super) enum Word<'i> {
    Reference(&'i Reference),
    Definition(&'i Definition),
}

impl Word<'_> {
    pub(super) fn span(&self) -> Span {
        match self {
            Word::Reference(reference) => reference.span,
            Word::Definition(definition) => definition.span,
        }
    }

    pub(super) fn name(&self) -> &SmolStr {
        match self {
            Word::Reference(reference) => &reference.name,
            Word::Definition(definition) => &definition.name,
        }
    }
}
