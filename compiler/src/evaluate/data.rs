//! Members of values, data that steps hand on, and files beside the sources.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use smol_str::{SmolStr, format_smolstr};

use super::Evaluator;
use crate::diagnostics::{self as d, Diagnostic, closest};
use crate::facts::{Shape, ShapeId, ShapeKind};
use crate::plan::Asset;
use crate::resolve;
use crate::source::{PathKind, Span};
use crate::types::{
    Because, Bounds, Class, Data, Entry, Late, LateKind, NodeId, Object, Problem, RecordType, Segment, Stage, Type,
    Value, World, show,
};

/// What is known of a file or folder beside the sources.
#[derive(Clone, Debug)]
pub(crate) struct FileFacts {
    pub(crate) is_folder: bool,
    pub(crate) sha256: String,
    pub(crate) files: Vec<String>,
}

impl Evaluator<'_> {
    /// The member of a value. `optional` makes an absent member of an object `none`.
    pub(crate) fn member(&mut self, value: &Value, name: &SmolStr, span: Span, optional: bool) -> Value {
        match &value.data {
            Data::Error => Value::error(span),
            Data::Object(object) => self.object_member(value, object, name, span, optional),
            Data::Duration(amount) => {
                let per: i64 = match name.as_str() {
                    "microseconds" => 1,
                    "milliseconds" => 1_000,
                    "seconds" => 1_000_000,
                    "minutes" => 60_000_000,
                    "hours" => 3_600_000_000,
                    "days" => 86_400_000_000,
                    _ => {
                        return self.no_member(
                            value,
                            name,
                            span,
                            &["seconds", "minutes", "hours", "days", "milliseconds"],
                        );
                    }
                };
                if amount % per != 0 {
                    let shown = show::duration(*amount);
                    self.report(Diagnostic::new(
                        &d::NOT_WHOLE,
                        value.span,
                        &[("value", &shown), ("unit", &unit_word(name))],
                    ));
                    return Value::error(span);
                }
                Value::new(Data::Int(amount / per), value.span)
            }
            Data::Size(amount) => {
                let per: i64 = match name.as_str() {
                    "bytes" => 1,
                    "kb" => 1 << 10,
                    "mb" => 1 << 20,
                    "gb" => 1 << 30,
                    "tb" => 1 << 40,
                    _ => return self.no_member(value, name, span, &["gb", "mb", "kb", "tb", "bytes"]),
                };
                if amount % per != 0 {
                    let shown = show::size(*amount);
                    self.report(Diagnostic::new(
                        &d::NOT_WHOLE,
                        value.span,
                        &[("value", &shown), ("unit", &unit_word(name))],
                    ));
                    return Value::error(span);
                }
                Value::new(Data::Int(amount / per), value.span)
            }
            Data::Percent(amount) => match name.as_str() {
                "number" => number(*amount, value.span),
                "fraction" => number(*amount / 100.0, value.span),
                _ => self.no_member(value, name, span, &["number", "fraction"]),
            },
            Data::Late(late) => {
                let late = late.clone();
                if matches!(late.type_, Type::Optional(_)) && !optional {
                    let what = format!("`.{name}`");
                    let found = Diagnostic::new(
                        &d::MAYBE_NONE,
                        value.span,
                        &[("what", &what), ("expected", &"a value before it")],
                    )
                    .related(late.because.span, late.because.text.to_string());
                    self.report(found);
                    return Value::error(span);
                }
                if let Some(inner) = super::optional::inside(&late).cloned() {
                    let part = self.member(&inner, name, span, optional);
                    return self.maybe(part, &late, span);
                }
                self.extend(&late, Segment::Member(name.clone()), span, span)
            }
            Data::None => {
                self.report(Diagnostic::new(&d::MEMBER_OF_NONE, span, &[("name", name)]));
                Value::error(span)
            }
            Data::Null
            | Data::Bool(_)
            | Data::Int(_)
            | Data::Float(_)
            | Data::String(_)
            | Data::List(_)
            | Data::Function(_) => self.no_member(value, name, span, &[]),
        }
    }

    fn no_member(&mut self, value: &Value, name: &SmolStr, span: Span, candidates: &[&str]) -> Value {
        let found = show::describe_value(value);
        let found = Diagnostic::new(&d::NO_MEMBER, span, &[("name", name), ("found", &found)]);
        let found = found.suggest(name, span, candidates.iter().copied());
        self.report(match &value.data {
            Data::List(_) => found
                .help(format!("name one element, such as `[0].{name}`, or take it of all: `[for x in …: x.{name}]`")),
            Data::Function(function) => found.help(format!("nothing else is called `{}` here", function.name)),
            _ => found,
        });
        Value::error(span)
    }

    fn object_member(
        &mut self,
        value: &Value,
        object: &Arc<Object>,
        name: &SmolStr,
        span: Span,
        optional: bool,
    ) -> Value {
        if let Class::Data(Type::Report(record)) = &object.class {
            let own = record.as_ref().and_then(|record| record.field(name));
            if (own.is_some() || object.get(name).is_none())
                && let Some(Data::Late(json)) = object.get("json").map(|json| &json.data)
            {
                let json = json.clone();
                return self.extend(&json, Segment::Member(name.clone()), span, span);
            }
        }
        if let Some(found) = object.get(name) {
            return found.clone();
        }
        if object.class == Class::File && name == "package" {
            return self.package(object, span);
        }
        match &object.class {
            Class::Plain if optional => Value::none(span),
            Class::Step(node) => {
                // A call written by hand: its answer's members are PascalCase.
                if name.chars().next().is_some_and(char::is_uppercase)
                    && let Some(Data::Late(response)) = object.get("response").map(|response| &response.data)
                {
                    let response = response.clone();
                    return self.extend(&response, Segment::Member(name.clone()), span, span);
                }
                let (step, kind) = self.step_words(*node);
                let candidates: Vec<&str> = object.entries.iter().map(|entry| entry.key.as_str()).collect();
                let found = Diagnostic::new(&d::NO_RESULT, span, &[("step", &step), ("kind", &kind), ("name", name)]);
                self.report(found.suggest(name, span, candidates));
                Value::error(span)
            }
            Class::Plain
            | Class::Data(_)
            | Class::Descriptor(_)
            | Class::Instance(_)
            | Class::File
            | Class::Image
            | Class::Resource(_)
            | Class::Call { .. } => {
                if matches!(object.class, Class::Data(_) | Class::Descriptor(_) | Class::Image)
                    && object.entries.iter().any(|entry| entry.key == "open")
                {
                    return Value::none(span);
                }
                // What may be said of data and is not said of this.
                if matches!(object.class, Class::Data(_))
                    && let Some(Data::List(known)) = self.library_value("data_members").map(|known| known.data)
                    && known.iter().any(|known| known.as_string() == Some(name))
                {
                    return Value::none(span);
                }
                let candidates: Vec<&str> = object.entries.iter().map(|entry| entry.key.as_str()).collect();
                self.no_member(value, name, span, &candidates)
            }
        }
    }

    /// The location of a file packed as `.tar.gz`. A folder is packed already.
    fn package(&mut self, file: &Object, span: Span) -> Value {
        let text = |key: &str| file.get(key).and_then(Value::as_string).cloned().unwrap_or_default();
        let uri = file.get("uri").cloned().unwrap_or_else(|| Value::error(span));
        if matches!(file.get("is_folder").map(|flag| &flag.data), Some(Data::Bool(true))) {
            return uri;
        }
        let (path, name, sha256) = (text("path"), text("file_name"), text("sha256"));
        let Some(plain) =
            self.assets.iter().find(|asset| asset.path == path.as_str() && asset.files.is_empty()).cloned()
        else {
            return uri;
        };
        let folder = path.strip_suffix(name.as_str()).map_or("", |folder| folder.trim_end_matches('/'));
        let folder = if folder.is_empty() { "." } else { folder };
        let key = format!("{}.tar.gz", plain.key);
        let start = Value::string("s3://", span);
        let uri = self.join("", vec![start, plain.bucket.clone(), Value::string(format!("/{key}"), span)], span);
        if !self.assets.iter().any(|asset| asset.key == key) {
            let sha256 = sha256.to_string();
            self.assets.push(Asset { path: folder.to_owned(), sha256, files: vec![name.to_string()], key, ..plain });
        }
        uri
    }

    /// What a list holds that a service answered.
    pub(crate) fn answered_item(&self, list: &Type) -> Option<Type> {
        match list {
            Type::Shape { service, shape, .. } => {
                let model = self.facts.service(service)?;
                let ShapeKind::List { member, .. } = model.shape(*shape).kind else { return None };
                Some(shape_type(service, member, model.shape(member)))
            }
            Type::Union(types) => types.iter().find_map(|type_| self.answered_item(type_)),
            _ => None,
        }
    }

    /// A part of a value that is known later.
    pub(crate) fn extend(&mut self, late: &Arc<Late>, segment: Segment, place: Span, span: Span) -> Value {
        let optional = matches!(late.type_, Type::Optional(_));
        let type_ = match self.part_type(late, &segment, place) {
            Some(type_) if optional => type_.optional(),
            Some(type_) => type_,
            None => return Value::error(span),
        };
        let kind = match &late.kind {
            LateKind::Response { node, path } => LateKind::Response { node: *node, path: pushed(path, segment) },
            LateKind::Started { node, path } => LateKind::Started { node: *node, path: pushed(path, segment) },
            LateKind::Report { node, output, path } => {
                LateKind::Report { node: *node, output: output.clone(), path: pushed(path, segment) }
            }
            LateKind::Item { node, path } => LateKind::Item { node: *node, path: pushed(path, segment) },
            LateKind::Answer { path } => LateKind::Answer { path: pushed(path, segment) },
            // A duration given at start is a number of seconds.
            LateKind::Parameter(_) if segment == Segment::Member("seconds".into()) => late.kind.clone(),
            LateKind::Parameter(_) if segment == Segment::Member("gb".into()) => late.kind.clone(),
            LateKind::Parameter(_) if segment == Segment::Member("number".into()) => late.kind.clone(),
            LateKind::Path(path) => LateKind::Path(format_smolstr!("{path}{}", path_text(&segment))),
            _ => {
                let name = match &segment {
                    Segment::Member(name) | Segment::Key(name) => format_smolstr!(".{name}"),
                    Segment::Index(index) => format_smolstr!("[{index}]"),
                    Segment::Where(member, _) => format_smolstr!("[{member}]"),
                };
                let mut operands = vec![Value { data: Data::Late(late.clone()), span }];
                if let Segment::Where(_, value) = &segment {
                    operands.push(Value::string(value.clone(), span));
                }
                LateKind::Operation { name, operands }
            }
        };
        Value::late(kind, type_, late.stage, late.because.clone(), span)
    }

    fn part_type(&mut self, late: &Arc<Late>, segment: &Segment, place: Span) -> Option<Type> {
        match (late.type_.required().clone(), segment) {
            (Type::Any | Type::Error, _) => Some(Type::Any),
            (Type::Record(record), Segment::Member(name)) => match record.field(name) {
                Some(field) if field.optional => Some(field.type_.clone().optional()),
                Some(field) => Some(field.type_.clone()),
                None => {
                    let what = match &record.name {
                        Some(name) => format!("`{name}`"),
                        None => "this record".to_owned(),
                    };
                    let found = Diagnostic::new(&d::NO_MEMBER, place, &[("name", name), ("found", &what)]);
                    let candidates: Vec<&str> = record.fields.iter().map(|field| field.name.as_str()).collect();
                    self.report(found.suggest(name, place, candidates));
                    None
                }
            },
            (Type::List(inner), Segment::Index(_) | Segment::Where(..)) => Some((*inner).clone()),
            (Type::Map(inner), Segment::Key(_) | Segment::Member(_)) => Some((*inner).clone()),
            (Type::Duration(_), Segment::Member(name))
                if matches!(name.as_str(), "seconds" | "minutes" | "hours" | "days") =>
            {
                Some(Type::INT)
            }
            (Type::Size(_), Segment::Member(name)) if matches!(name.as_str(), "gb" | "mb" | "bytes") => Some(Type::INT),
            (Type::Percent(_), Segment::Member(name)) if matches!(name.as_str(), "number" | "fraction") => {
                Some(Type::FLOAT)
            }
            (Type::Shape { service, shape, .. }, segment) => self.shape_part(&[(service, shape)], segment, place),
            (Type::Union(types), segment) => {
                let shapes: Vec<(SmolStr, ShapeId)> = types
                    .iter()
                    .filter_map(|type_| match type_ {
                        Type::Shape { service, shape, .. } => Some((service.clone(), *shape)),
                        _ => None,
                    })
                    .collect();
                for type_ in types.iter() {
                    if let (Type::Record(record), Segment::Member(name)) = (type_, segment)
                        && let Some(field) = record.field(name)
                    {
                        return Some(field.type_.clone());
                    }
                }
                self.shape_part(&shapes, segment, place)
            }
            (other, segment) => {
                let name = match segment {
                    Segment::Member(name) | Segment::Key(name) => name.clone(),
                    Segment::Index(index) => format_smolstr!("[{index}]"),
                    Segment::Where(member, _) => format_smolstr!("[{member}]"),
                };
                let found = show::describe(&other);
                self.report(Diagnostic::new(&d::NO_MEMBER, place, &[("name", &name), ("found", &found)]));
                None
            }
        }
    }

    /// The type of a part of what a service answered.
    fn shape_part(&mut self, shapes: &[(SmolStr, ShapeId)], segment: &Segment, place: Span) -> Option<Type> {
        for (service, id) in shapes {
            let Some(model) = self.facts.service(service) else { continue };
            let shape = model.shape(*id);
            let part = match (&shape.kind, segment) {
                (ShapeKind::Structure { members, .. }, Segment::Member(name)) => {
                    members.iter().find(|member| same_member(&member.name, name)).map(|member| member.shape)
                }
                (ShapeKind::List { member, .. }, Segment::Index(_) | Segment::Where(..)) => Some(*member),
                (ShapeKind::Map { value, .. }, Segment::Key(_) | Segment::Member(_)) => Some(*value),
                (ShapeKind::Document, _) => return Some(Type::Any),
                _ => None,
            };
            if let Some(part) = part {
                return Some(shape_type(service, part, model.shape(part)));
            }
        }
        let mut candidates: Vec<SmolStr> = Vec::new();
        let mut what = "the answer".to_owned();
        for (service, id) in shapes {
            let Some(model) = self.facts.service(service) else { continue };
            let shape = model.shape(*id);
            what = format!("`{}`", shape.name);
            if let (ShapeKind::Structure { members, .. }, Segment::Member(_)) = (&shape.kind, segment) {
                candidates.extend(members.iter().map(|member| member.name.clone()));
            }
        }
        let name = match segment {
            Segment::Member(name) | Segment::Key(name) => name.clone(),
            Segment::Index(index) => format_smolstr!("[{index}]"),
            Segment::Where(member, _) => format_smolstr!("[{member}]"),
        };
        let found = Diagnostic::new(&d::NO_MEMBER, place, &[("name", &name), ("found", &what)]);
        let found = match closest(&name, candidates.iter().map(|c| c.as_str())) {
            Some(near) => found.help(format!("did you mean `{near}`?")).fix(format!("Change to `{near}`"), place, near),
            None => found,
        };
        self.report(found);
        None
    }

    /// What `descriptor.at(uri)` gives: data of the described type, at a location.
    pub(crate) fn data_at(&mut self, descriptor: &Object, uri: Value, span: Span) -> Value {
        let Class::Descriptor(type_) = &descriptor.class else { return Value::error(span) };
        if uri.is_error() {
            return Value::error(span);
        }
        // A scalar is the value itself, of the type that was declared.
        if !type_.is_data() {
            return match &uri.data {
                Data::Late(late) => {
                    Value::late(late.kind.clone(), type_.clone(), late.stage, late.because.clone(), span)
                }
                _ => uri,
            };
        }
        let uri = self.made_by(descriptor, uri, span);
        let mut entries = Vec::with_capacity(descriptor.entries.len() + 1);
        let kept = |entry: &&Entry| !matches!(entry.key.as_str(), "uri" | "type");
        entries.extend(descriptor.entries.iter().filter(kept).cloned());
        let file = descriptor.get("file").and_then(|file| file.as_string().cloned());
        let location = match &file {
            Some(file) if matches!(type_, Type::Report(_) | Type::Model { .. }) => {
                self.join("/", vec![uri.clone(), Value::string(file.clone(), span)], span)
            }
            _ => uri.clone(),
        };
        entries.push(Entry::new("uri", location.clone()));
        entries.push(Entry::new("folder", uri));
        let s3 = Value::object(Class::Plain, vec![Entry::new("uri", location)], span);
        entries.push(Entry::new("s3", s3));
        Value::object(Class::Data(type_.clone()), entries, span)
    }

    /// What `descriptor.from(way, dataset)` gives: data that is read by a query of another service.
    pub(crate) fn data_from(&mut self, descriptor: &Object, way: &Value, dataset: Value, span: Span) -> Value {
        let Class::Descriptor(type_) = &descriptor.class else { return Value::error(span) };
        let Some(way) = way.as_string() else { return Value::error(span) };
        let mut entries: Vec<Entry> =
            descriptor.entries.iter().filter(|entry| !matches!(entry.key.as_str(), "uri" | "type")).cloned().collect();
        let dataset = Value::object(Class::Plain, vec![Entry::new("dataset", dataset)], span);
        entries.push(Entry::new(way.clone(), dataset));
        Value::object(Class::Data(type_.clone()), entries, span)
    }

    /// A location that says which step makes what lies there, where its own parts do not.
    fn made_by(&mut self, descriptor: &Object, uri: Value, span: Span) -> Value {
        let Some(Data::Late(maker)) = descriptor.get("made_by").map(|maker| &maker.data) else { return uri };
        let LateKind::Response { node, .. } = maker.kind else { return uri };
        let mut nodes = Vec::new();
        uri.collect_nodes(&mut nodes);
        if nodes.contains(&node) {
            return uri;
        }
        let maker = Value { data: Data::Late(maker.clone()), span };
        self.operation("made by", vec![uri, maker], Type::Uri, span)
    }

    /// A description of something that a step makes or a source holds.
    pub(crate) fn descriptor(&mut self, described: Described, span: Span) -> Value {
        let Described { name, type_, settings, uri, node } = described;
        let sort = match &type_ {
            Type::Table { .. } => "table",
            Type::Files(_) => "files",
            Type::Stream(_) => "stream",
            Type::Model { .. } => "model",
            Type::Report(_) => "report",
            Type::Int(_) => "int",
            Type::Float(_) => "float",
            Type::Bool => "bool",
            Type::String(_) => "string",
            _ => "data",
        };
        let mut entries = Vec::with_capacity(settings.len() + 13);
        entries.push(Entry::new("name", Value::string(name.clone(), span)));
        entries.push(Entry::new("type", Value::string(sort, span)));
        entries.extend(settings);
        if let Some(node) = node {
            let text = format_smolstr!("`{name}` is written while an execution runs");
            let kind = LateKind::Response { node, path: Vec::new() };
            entries.push(Entry::new("made_by", Value::late(kind, Type::Any, Stage::Run, Because { span, text }, span)));
        }
        let has = |entries: &[Entry], key: &str| entries.iter().any(|entry| entry.key == key && !entry.value.is_none());
        if matches!(type_, Type::Model { .. }) && node.is_some() && !has(&entries, "file") {
            // Every service that takes a model takes it as an archive.
            entries.retain(|entry| entry.key != "file");
            entries.push(Entry::new("file", Value::string("model.tar.gz", span)));
        }
        if let Type::Report(record) = &type_ {
            if !has(&entries, "file") {
                entries.retain(|entry| entry.key != "file");
                entries.push(Entry::new("file", Value::string(format_smolstr!("{name}.json"), span)));
            }
            if let Some(node) = node {
                let type_ = record.as_ref().map_or(Type::Any, |record| Type::Record(record.clone()));
                let text = format_smolstr!("`{name}` is written while an execution runs");
                let kind = LateKind::Report { node, output: name.clone(), path: Vec::new() };
                entries.push(Entry::new("json", Value::late(kind, type_, Stage::Run, Because { span, text }, span)));
            }
        }
        for key in ["file", "format", "header", "content_type", "compression", "path", "upload", "feature_group"] {
            if !entries.iter().any(|entry| entry.key == key) {
                entries.push(Entry::new(key, Value::none(span)));
            }
        }
        if !has(&entries, "uri") {
            entries.retain(|entry| entry.key != "uri");
            entries.push(Entry::new("uri", uri));
        }
        if !has(&entries, "content_type") {
            let media = match &type_ {
                Type::Files(types) => types.first().cloned(),
                _ => {
                    let format =
                        entries.iter().find(|entry| entry.key == "format").and_then(|entry| entry.value.as_string());
                    format.cloned().and_then(|format| self.media_type(&format))
                }
            };
            entries.retain(|entry| entry.key != "content_type");
            let media = media.map_or_else(|| Value::none(span), |media| Value::string(media, span));
            entries.push(Entry::new("content_type", media));
        }
        Value::object(Class::Descriptor(type_), entries, span)
    }

    /// The media type of a table format, as the library's `media_types` has it.
    fn media_type(&mut self, format: &str) -> Option<SmolStr> {
        let table = self.library_value("media_types")?;
        table.get(format).and_then(|media| media.as_string().cloned())
    }

    /// Facts of a file or folder named in a source file, or why there are none.
    fn file_facts(&mut self, path: &str) -> Result<FileFacts, String> {
        if let Some(known) = self.files.get(path) {
            return known.clone();
        }
        let found = self.look_at(path);
        self.files.insert(path.to_owned(), found.clone());
        found
    }

    fn look_at(&self, path: &str) -> Result<FileFacts, String> {
        let files = self.modules.files();
        match files.kind(path) {
            None => Err("there is no such file or folder".to_owned()),
            Some(PathKind::File) => {
                let bytes = files.read(path).map_err(|error| error.to_string())?;
                Ok(FileFacts { is_folder: false, sha256: hexadecimal(&Sha256::digest(bytes)), files: Vec::new() })
            }
            Some(PathKind::Folder) => {
                let names = files.list(path).map_err(|error| error.to_string())?;
                let mut hash = Sha256::new();
                for name in &names {
                    let bytes = files.read(&format!("{path}/{name}")).map_err(|error| format!("{name}: {error}"))?;
                    hash.update((name.len() as u64).to_le_bytes());
                    hash.update(name.as_bytes());
                    hash.update((bytes.len() as u64).to_le_bytes());
                    hash.update(bytes);
                }
                Ok(FileFacts { is_folder: true, sha256: hexadecimal(&hash.finalize()), files: names })
            }
        }
    }

    pub(crate) fn suggest_path(&self, found: Diagnostic, path: &str, span: Span) -> Diagnostic {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let source = &self.modules.sources.get(span.file).name;
        let Ok(files) = self.modules.files().list(&resolve::join(source, folder)) else { return found };
        match closest(name, files.iter().map(String::as_str)) {
            Some(near) => {
                let whole = if folder.is_empty() { near.to_owned() } else { format!("{folder}/{near}") };
                let fixed = format!("\"{whole}\"");
                found.help(format!("did you mean {fixed}?")).fix(format!("Change to {fixed}"), span, fixed)
            }
            None => found,
        }
    }
}

/// What [`Evaluator::descriptor`] describes.
pub(crate) struct Described {
    pub(crate) name: SmolStr,
    pub(crate) type_: Type,
    pub(crate) settings: Vec<Entry>,
    /// Where it goes unless a setting says otherwise.
    pub(crate) uri: Value,
    /// The step that makes it.
    pub(crate) node: Option<NodeId>,
}

impl World for Evaluator<'_> {
    fn instance_problem(&self, job: &str, name: &str) -> Option<Problem> {
        let types = self.facts.instance_types(job)?;
        if types.iter().any(|type_| type_ == name) {
            return None;
        }
        Some(Problem::Instance {
            value: name.into(),
            job: job.into(),
            exists: self.facts.instance(name).is_some(),
            candidates: types.to_vec(),
        })
    }

    fn file(&mut self, text: &str, span: Span) -> Result<Value, Problem> {
        if span.is_none() || text.starts_with('/') {
            let reason = if span.is_none() { "it is named nowhere" } else { "it is a path of one machine" };
            return Err(Problem::File { path: text.into(), reason: reason.to_owned() });
        }
        let source = self.modules.sources.get(span.file).name.clone();
        let path = resolve::join(&source, text);
        let facts = self.file_facts(&path).map_err(|reason| Problem::File { path: text.into(), reason })?;
        let file_name = path.rsplit('/').next().unwrap_or(&path).to_owned();
        let uploaded = if facts.is_folder { format!("{file_name}.tar.gz") } else { file_name.clone() };
        let Some(project) = self.project.clone() else { return Err(Problem::Reported) };
        let key = format!("{}/assets/{}/{uploaded}", project.name, &facts.sha256[..16]);
        let Some(bucket) = self.bucket(span) else { return Err(Problem::Reported) };
        let uri = self.join(
            "",
            vec![Value::string("s3://", span), bucket.clone(), Value::string(format!("/{key}"), span)],
            span,
        );
        if !self.assets.iter().any(|asset| asset.key == key) {
            self.assets.push(Asset {
                path: path.clone(),
                content: None,
                sha256: facts.sha256.clone(),
                files: facts.files.clone(),
                bucket,
                key,
                span,
            });
        }
        let stem = file_name.rsplit_once('.').map_or(file_name.as_str(), |(stem, _)| stem).to_owned();
        let text = |text: &str| Value::string(text, span);
        Ok(Value::object(
            Class::File,
            vec![
                Entry::new("path", text(&path)),
                Entry::new("file_name", text(&file_name)),
                Entry::new("stem", text(&stem)),
                Entry::new("is_folder", Value::new(Data::Bool(facts.is_folder), span)),
                Entry::new("sha256", text(&facts.sha256)),
                Entry::new("uri", uri),
            ],
            span,
        ))
    }

    fn is_kind(&self, kind: &str, base: &str) -> bool {
        if kind == base {
            return true;
        }
        for info in self.kinds.values().flatten() {
            if info.kind.name == kind {
                return info.kind.chain.iter().any(|part| part.name.text == base);
            }
        }
        false
    }
}

/// A unit as it is written after a number.
fn unit_word(name: &str) -> String {
    if matches!(name, "kb" | "mb" | "gb" | "tb") { name.to_uppercase() } else { name.to_owned() }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn pushed(path: &[Segment], segment: Segment) -> Vec<Segment> {
    let mut longer = Vec::with_capacity(path.len() + 1);
    longer.extend_from_slice(path);
    longer.push(segment);
    longer
}

fn path_text(segment: &Segment) -> String {
    match segment {
        Segment::Member(name) => format!(".{name}"),
        Segment::Index(index) => format!("[{index}]"),
        Segment::Key(key) | Segment::Where(_, key) => format!("['{key}']"),
    }
}

fn number(value: f64, span: Span) -> Value {
    let data = if value.fract() == 0.0 { Data::Int(value as i64) } else { Data::Float(value) };
    Value::new(data, span)
}

/// Members are PascalCase in the language, whatever the service's own letter case.
pub(crate) fn same_member(api: &str, written: &str) -> bool {
    if api == written {
        return true;
    }
    let mut api = api.chars();
    let mut written = written.chars();
    match (api.next(), written.next()) {
        (Some(a), Some(b)) => a.to_ascii_uppercase() == b && api.as_str() == written.as_str(),
        _ => false,
    }
}

/// The type of a value of an API shape.
pub(crate) fn shape_type(service: &SmolStr, id: ShapeId, shape: &Shape) -> Type {
    match &shape.kind {
        ShapeKind::String { .. } => Type::STRING,
        ShapeKind::Integer { .. } | ShapeKind::Long { .. } => Type::Int(Bounds::NONE),
        ShapeKind::Float { .. } | ShapeKind::Double { .. } => Type::FLOAT,
        ShapeKind::Boolean => Type::Bool,
        ShapeKind::Timestamp => Type::STRING,
        // Text, or JSON that was read already, as with what a function answers.
        ShapeKind::Blob { .. } | ShapeKind::Document => Type::Any,
        ShapeKind::Structure { .. } | ShapeKind::List { .. } | ShapeKind::Map { .. } => {
            Type::Shape { service: service.clone(), shape: id, name: shape.name.clone() }
        }
    }
}

/// The columns of a table, for values that carry a schema.
pub(crate) fn schema_of(type_: &Type) -> Option<Arc<RecordType>> {
    match type_ {
        Type::Table { schema, .. } | Type::Stream(schema) => schema.clone(),
        Type::Model { input, .. } => input.clone(),
        _ => None,
    }
}
