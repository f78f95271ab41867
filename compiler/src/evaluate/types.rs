//! Types as written to types as meant.

use std::sync::Arc;

use smol_str::SmolStr;

use super::{Evaluator, Scope};
use crate::diagnostics::{self as d, Diagnostic};
use crate::facts::INSTANCE_JOBS;
use crate::resolve::Global;
use crate::source::{FileId, Span};
use crate::syntax::tree::{
    Constraint, DeclarationKind, Expression, ExpressionKind, Field, Name, StageWord, TypeExpression, TypeExpressionKind,
};
use crate::types::{Bounds, Data, FieldType, Literal, RecordType, Stage, StringType, Type, Value};

const NAMES: [&str; 27] = [
    "any", "arn", "bool", "data", "duration", "endpoint", "file", "files", "float", "image", "instance", "int", "list",
    "map", "model", "none", "outputs", "percent", "regex", "report", "scalar", "size", "step", "stream", "string",
    "table", "uri",
];

pub(crate) fn stage_of(word: Option<(StageWord, Span)>) -> Stage {
    match word {
        Some((StageWord::Build, _)) => Stage::Build,
        Some((StageWord::Deploy, _)) => Stage::Deploy,
        Some((StageWord::Run, _)) | None => Stage::Run,
    }
}

impl Evaluator<'_> {
    pub(crate) fn type_of(&mut self, written: &TypeExpression) -> Type {
        match &*written.kind {
            TypeExpressionKind::Error => Type::Error,
            TypeExpressionKind::Literal(expression) => match self.literal(expression) {
                Some(literal) => Type::Literals(Arc::new(vec![literal])),
                None => {
                    if !matches!(&*expression.kind, ExpressionKind::Error) {
                        let text = self.modules.sources.text(expression.span).to_owned();
                        self.report(Diagnostic::new(&d::NOT_A_TYPE, expression.span, &[("name", &text)]));
                    }
                    Type::Error
                }
            },
            TypeExpressionKind::Union(parts) => self.union(parts),
            TypeExpressionKind::Optional(inner) => self.type_of(inner).optional(),
            TypeExpressionKind::Record(fields) => Type::Record(Arc::new(self.record(None, fields))),
            TypeExpressionKind::Named { path, arguments, constraints } => {
                self.named(written.span, path, arguments, constraints)
            }
        }
    }

    /// The type of a function's parameter; of the library's functions, read once.
    pub(crate) fn parameter_type(&mut self, written: &TypeExpression) -> Type {
        if !written.span.file.is_library() {
            return self.type_of(written);
        }
        if let Some(known) = self.parameter_types.get(&written.span) {
            return known.clone();
        }
        let type_ = self.type_of(written);
        self.parameter_types.insert(written.span, type_.clone());
        type_
    }

    fn literal(&mut self, expression: &Expression) -> Option<Literal> {
        let value = self.evaluate(expression, &Scope::file());
        match value.data {
            Data::String(text) => Some(Literal::String(text)),
            Data::Int(number) => Some(Literal::Int(number)),
            Data::Float(number) => Some(Literal::Float(number)),
            Data::Bool(flag) => Some(Literal::Bool(flag)),
            _ => None,
        }
    }

    fn union(&mut self, parts: &[TypeExpression]) -> Type {
        let types: Vec<Type> = parts.iter().map(|part| self.type_of(part)).collect();
        if types.iter().any(|type_| matches!(type_, Type::Error)) {
            return Type::Error;
        }
        // `"a" | "b"?` is optional as a whole: a literal alone cannot be.
        let is_optional = types.iter().any(|type_| matches!(type_, Type::None | Type::Optional(_)));
        let types: Vec<Type> = types
            .into_iter()
            .filter(|type_| !matches!(type_, Type::None))
            .map(|type_| type_.required().clone())
            .collect();
        let all_literal = types.iter().all(|type_| matches!(type_, Type::Literals(_)));
        let type_ = if all_literal {
            let mut values = Vec::new();
            for type_ in types {
                if let Type::Literals(more) = type_ {
                    values.extend(more.iter().cloned());
                }
            }
            Type::Literals(Arc::new(values))
        } else {
            match <[Type; 1]>::try_from(types) {
                Ok([only]) => only,
                Err(types) => Type::Union(Arc::new(types)),
            }
        };
        if is_optional { type_.optional() } else { type_ }
    }

    pub(crate) fn record(&mut self, name: Option<SmolStr>, fields: &[Field]) -> RecordType {
        let mut list: Vec<FieldType> = Vec::with_capacity(fields.len());
        for field in fields {
            if let Some(first) = list.iter().find(|other| other.name == field.name.text) {
                let found = Diagnostic::new(&d::DECLARED_TWICE, field.name.span, &[("name", &field.name.text)])
                    .related(first.span, "the first declaration");
                self.report(found);
                continue;
            }
            let type_ = match &field.type_ {
                Some(written) => self.type_of(written),
                None => Type::Any,
            };
            list.push(FieldType {
                name: field.name.text.clone(),
                optional: field.optional || field.default.is_some(),
                stage: stage_of(field.stage),
                type_,
                doc: field.doc.as_ref().map(|doc| doc.text.clone()),
                span: field.name.span,
            });
        }
        RecordType { name, fields: list }
    }

    fn named(&mut self, span: Span, path: &[Name], arguments: &[TypeExpression], constraints: &[Constraint]) -> Type {
        let Some(name) = path.last() else { return Type::Error };
        if path.len() > 1 {
            return self.declared_type(path, span);
        }
        let text = name.text.as_str();
        let known = NAMES.contains(&text);
        if known
            && !matches!(
                text,
                "list" | "map" | "table" | "files" | "stream" | "model" | "report" | "endpoint" | "outputs"
            )
            && !arguments.is_empty()
        {
            self.report(Diagnostic::new(&d::TYPE_ARGUMENTS, span, &[("name", &text), ("takes", &"none in `< >`")]));
            return Type::Error;
        }
        match text {
            "any" => Type::Any,
            "none" => Type::None,
            "bool" => Type::Bool,
            "uri" => Type::Uri,
            "arn" => Type::Arn,
            "regex" => Type::Regex,
            "file" => Type::File,
            "image" => Type::Image,
            "scalar" => Type::Scalar,
            "step" => Type::Step,
            "int" => Type::Int(self.int_bounds(constraints, |data| match data {
                Data::Int(value) => Some(*value),
                _ => None,
            })),
            "duration" => Type::Duration(self.int_bounds(constraints, |data| match data {
                Data::Duration(value) => Some(*value),
                _ => None,
            })),
            "size" => Type::Size(self.int_bounds(constraints, |data| match data {
                Data::Size(value) => Some(*value),
                _ => None,
            })),
            "float" => Type::Float(self.bounds(constraints, |data| match data {
                Data::Int(value) => Some(*value as f64),
                Data::Float(value) => Some(*value),
                _ => None,
            })),
            "percent" => Type::Percent(self.bounds(constraints, |data| match data {
                Data::Percent(value) => Some(*value),
                _ => None,
            })),
            "string" => self.string_type(constraints),
            "list" | "map" | "outputs" => {
                let inner = match arguments {
                    [inner] => self.type_of(inner),
                    [] => Type::Any,
                    _ => {
                        self.report(Diagnostic::new(
                            &d::TYPE_ARGUMENTS,
                            span,
                            &[("name", &text), ("takes", &"one in `< >`")],
                        ));
                        return Type::Error;
                    }
                };
                match text {
                    "list" => Type::List(Arc::new(inner)),
                    "map" => Type::Map(Arc::new(inner)),
                    _ => Type::Outputs(Arc::new(inner)),
                }
            }
            "table" => {
                let schema = self.record_argument(span, text, arguments.first());
                let formats = self.words(constraints);
                if let Some(wrong) = self.unknown_format(&formats) {
                    let takes = format!("formats in `( )` and a schema in `< >`, and `{wrong}` is no format");
                    let found = Diagnostic::new(&d::TYPE_ARGUMENTS, span, &[("name", &text), ("takes", &takes)]);
                    let is_schema = arguments.is_empty() && self.modules.find(span.file, &wrong).is_some();
                    self.report(match is_schema {
                        true => {
                            let right = format!("table<{wrong}>");
                            found.fix(format!("Change to `{right}`"), span, right)
                        }
                        false => found,
                    });
                    return Type::Error;
                }
                Type::Table { schema, formats: Arc::new(formats) }
            }
            "stream" => Type::Stream(self.record_argument(span, text, arguments.first())),
            "report" => Type::Report(self.record_argument(span, text, arguments.first())),
            "endpoint" => Type::Endpoint,
            "model" => Type::Model {
                input: self.record_argument(span, text, arguments.first()),
                output: self.record_argument(span, text, arguments.get(1)),
            },
            "files" => {
                let mut media = self.words(constraints);
                for argument in arguments {
                    match self.type_of(argument) {
                        Type::Literals(values) => media.extend(values.iter().filter_map(|value| match value {
                            Literal::String(text) => Some(text.clone()),
                            Literal::Int(_) | Literal::Float(_) | Literal::Bool(_) => None,
                        })),
                        _ => return Type::Error,
                    }
                }
                Type::Files(Arc::new(media))
            }
            "data" => Type::Data(Arc::new(self.words(constraints))),
            "instance" => match self.words(constraints).as_slice() {
                [job] => {
                    if self.facts.instance_types(job).is_none() {
                        let jobs = INSTANCE_JOBS;
                        let found = Diagnostic::new(&d::UNKNOWN_JOB_CLASS, span, &[("job", job)]);
                        let names: Vec<&str> = jobs.to_vec();
                        let place = match constraints {
                            [Constraint::Value(expression)] => expression.span,
                            _ => span,
                        };
                        self.report(
                            Diagnostic { primary: d::Label { span: place, ..found.primary.clone() }, ..found }
                                .suggest(job, place, names),
                        );
                        return Type::Error;
                    }
                    Type::Instance(job.clone())
                }
                _ => {
                    self.report(Diagnostic::new(
                        &d::TYPE_ARGUMENTS,
                        span,
                        &[
                            ("name", &text),
                            ("takes", &"the class of jobs in parentheses, such as `instance(training)`"),
                        ],
                    ));
                    Type::Error
                }
            },
            _ => self.declared_type(path, span),
        }
    }

    fn record_argument(
        &mut self,
        span: Span,
        name: &str,
        argument: Option<&TypeExpression>,
    ) -> Option<Arc<RecordType>> {
        let argument = argument?;
        match self.type_of(argument) {
            Type::Record(record) => Some(record),
            Type::Error | Type::Any => None,
            // A model may answer with one number.
            _ if name == "model" => None,
            _ => {
                self.report(Diagnostic::new(
                    &d::TYPE_ARGUMENTS,
                    span,
                    &[("name", &name), ("takes", &"a schema or record in `< >`")],
                ));
                None
            }
        }
    }

    /// The first word that is no format of tables, as the library's settings of outputs name them.
    fn unknown_format(&mut self, words: &[SmolStr]) -> Option<SmolStr> {
        if words.is_empty() {
            return None;
        }
        let Some(Type::Record(settings)) = self.library_type("output_settings") else { return None };
        let Some(Type::Literals(formats)) = settings.field("format").map(|field| field.type_.required().clone()) else {
            return None;
        };
        words.iter().find(|word| !formats.contains(&Literal::String((*word).clone()))).cloned()
    }

    /// The words in parentheses: `data(s3, redshift)`.
    fn words(&mut self, constraints: &[Constraint]) -> Vec<SmolStr> {
        let mut words = Vec::new();
        for constraint in constraints {
            if let Constraint::Value(expression) = constraint {
                match &*expression.kind {
                    ExpressionKind::Name(name) => words.push(name.clone()),
                    ExpressionKind::String(_) => {
                        if let Some(Literal::String(text)) = self.literal(expression) {
                            words.push(text);
                        }
                    }
                    _ => {}
                }
            }
        }
        words
    }

    fn int_bounds(&mut self, constraints: &[Constraint], read: impl Fn(&Data) -> Option<i64>) -> Bounds<i64> {
        self.bounds(constraints, read)
    }

    fn bounds<T: PartialOrd + Copy>(
        &mut self,
        constraints: &[Constraint],
        read: impl Fn(&Data) -> Option<T>,
    ) -> Bounds<T> {
        let mut bounds = Bounds::NONE;
        for constraint in constraints {
            match constraint {
                Constraint::Range { low, high, span } => {
                    let end = |this: &mut Self, end: &Option<Expression>| {
                        let end = end.as_ref()?;
                        let value = this.evaluate(end, &Scope::file());
                        let found = read(&value.data);
                        if found.is_none() && !value.is_error() {
                            this.report(Diagnostic::new(&d::BAD_RANGE, end.span, &[]));
                        }
                        found
                    };
                    bounds = Bounds { low: end(self, low), high: end(self, high) };
                    if matches!((bounds.low, bounds.high), (Some(low), Some(high)) if low > high) {
                        self.report(Diagnostic::new(&d::EMPTY_RANGE, *span, &[]));
                        bounds = Bounds::NONE;
                    }
                }
                Constraint::Value(expression) => {
                    self.report(Diagnostic::new(&d::BAD_RANGE, expression.span, &[]));
                }
            }
        }
        bounds
    }

    fn string_type(&mut self, constraints: &[Constraint]) -> Type {
        if constraints.is_empty() {
            return Type::STRING;
        }
        let mut string = StringType { length: Bounds::NONE, pattern: None };
        for constraint in constraints {
            match constraint {
                Constraint::Range { .. } => {
                    string.length = self.int_bounds(std::slice::from_ref(constraint), |data| match data {
                        Data::Int(value) => Some(*value),
                        _ => None,
                    });
                }
                Constraint::Value(expression) => match self.literal(expression) {
                    // Those of the library are sound, as its tests see to; making an automaton takes its time.
                    Some(Literal::String(pattern))
                        if expression.span.file.is_library() || regex::Regex::new(&pattern).is_ok() =>
                    {
                        string.pattern = Some(pattern);
                    }
                    Some(Literal::String(pattern)) => {
                        self.report(Diagnostic::new(&d::BAD_PATTERN, expression.span, &[("pattern", &pattern)]));
                    }
                    Some(Literal::Int(length)) => string.length = Bounds { low: Some(length), high: Some(length) },
                    _ => self.report(Diagnostic::new(&d::BAD_RANGE, expression.span, &[])),
                },
            }
        }
        Type::String(Some(Arc::new(string)))
    }

    /// A type by a name that some file declares: a schema, an alias, a kind.
    fn declared_type(&mut self, path: &[Name], span: Span) -> Type {
        let Some(first) = path.first() else { return Type::Error };
        let mut global = self.modules.find(span.file, &first.text);
        for name in &path[1..] {
            global = match global {
                Some(Global::Namespace(file)) => self.modules.member(file, &name.text),
                _ => None,
            };
        }
        let name = path.last().unwrap_or(first);
        let Some(global) = global else {
            let found = Diagnostic::new(&d::UNKNOWN_TYPE, name.span, &[("name", &name.text)]);
            let namespace = match self.modules.find(span.file, &first.text) {
                Some(Global::Namespace(file)) if path.len() > 1 => Some(file),
                _ => None,
            };
            let mut candidates = self.type_names(namespace.unwrap_or(span.file));
            if namespace.is_none() {
                candidates.extend(NAMES.iter().map(|name| SmolStr::from(*name)));
            } else {
                candidates.retain(|name| crate::resolve::library_names().all(|other| other != name));
            }
            let elsewhere = elsewhere(&name.text);
            self.report(match elsewhere.filter(|_| path.len() == 1) {
                Some(right) => found.help(format!("it is called `{right}` here")).fix(
                    format!("Change to `{right}`"),
                    name.span,
                    right,
                ),
                None => found.suggest(&name.text, name.span, candidates.iter().map(|c| c.as_str())),
            });
            return Type::Error;
        };
        self.global_type(global, name)
    }

    fn global_type(&mut self, global: Global, name: &Name) -> Type {
        let Some((tree, index)) = self.modules.declaration(global) else { return Type::Error };
        match &tree.declarations[index].kind {
            DeclarationKind::Schema { name: declared, fields } => {
                if self.depth > 64 {
                    self.report(Diagnostic::new(&d::TYPE_CYCLE, name.span, &[("name", &name.text)]));
                    return Type::Error;
                }
                self.depth += 1;
                let record = self.record(Some(declared.text.clone()), fields);
                self.depth -= 1;
                Type::Record(Arc::new(record))
            }
            DeclarationKind::Type { name: declared, value } => {
                if self.depth > 64 {
                    self.report(Diagnostic::new(&d::TYPE_CYCLE, declared.span, &[("name", &declared.text)]));
                    return Type::Error;
                }
                self.depth += 1;
                let type_ = self.type_of(value);
                self.depth -= 1;
                match type_ {
                    Type::Record(record) if record.name.is_none() => Type::Record(Arc::new(RecordType {
                        name: Some(declared.text.clone()),
                        fields: record.fields.clone(),
                    })),
                    other => other,
                }
            }
            DeclarationKind::Kind { name: declared, roles, .. } => {
                if roles.iter().any(|role| role.text == "resource") {
                    Type::Resource(declared.text.clone())
                } else {
                    Type::Kind(declared.text.clone())
                }
            }
            DeclarationKind::Component { name: declared, .. } => Type::Kind(declared.text.clone()),
            _ => {
                let arguments: [(&str, &dyn std::fmt::Display); 1] = [("name", &name.text)];
                let found = Diagnostic::new(&d::NOT_A_TYPE, name.span, &arguments);
                self.report(match elsewhere(&name.text) {
                    Some(right) => Diagnostic::new(&d::UNKNOWN_TYPE, name.span, &arguments)
                        .help(format!("it is called `{right}` here"))
                        .fix(format!("Change to `{right}`"), name.span, right),
                    None => found,
                });
                Type::Error
            }
        }
    }

    fn type_names(&mut self, file: FileId) -> Vec<SmolStr> {
        let names = self.modules.names(file);
        let mut found = Vec::new();
        for name in names {
            if let Some(Global::Declaration(id, index)) = self.modules.find(file, &name)
                && let Some((tree, index)) = self.modules.declaration(Global::Declaration(id, index))
                && matches!(
                    tree.declarations[index].kind,
                    DeclarationKind::Schema { .. } | DeclarationKind::Type { .. } | DeclarationKind::Kind { .. }
                )
            {
                found.push(name);
            }
        }
        found
    }
}

/// What a type is called here that other languages call by another name.
fn elsewhere(name: &str) -> Option<&'static str> {
    match name.to_lowercase().as_str() {
        "integer" | "long" | "int32" | "int64" => Some("int"),
        "number" | "double" | "decimal" | "float64" => Some("float"),
        "boolean" => Some("bool"),
        "str" | "text" | "varchar" => Some("string"),
        "array" => Some("list"),
        "dict" | "object" => Some("map"),
        "url" => Some("uri"),
        "dataframe" => Some("table"),
        _ => None,
    }
}

/// The type of a value as far as it can be told.
pub(crate) fn type_of_value(value: &Value) -> Type {
    match &value.data {
        Data::Error => Type::Error,
        Data::None => Type::None,
        Data::Null => Type::Any,
        Data::Bool(_) => Type::Bool,
        Data::Int(number) => Type::Int(Bounds { low: Some(*number), high: Some(*number) }),
        Data::Float(number) => Type::Float(Bounds { low: Some(*number), high: Some(*number) }),
        Data::String(_) => Type::STRING,
        Data::Duration(_) => Type::Duration(Bounds::NONE),
        Data::Size(_) => Type::Size(Bounds::NONE),
        Data::Percent(_) => Type::Percent(Bounds::NONE),
        Data::List(items) => Type::List(Arc::new(items.first().map_or(Type::Any, type_of_value))),
        Data::Object(object) => match &object.class {
            crate::types::Class::Data(type_) => type_.clone(),
            crate::types::Class::File => Type::File,
            crate::types::Class::Image => Type::Image,
            crate::types::Class::Step(_) => Type::Step,
            crate::types::Class::Instance(kind) => Type::Kind(kind.clone()),
            crate::types::Class::Resource(kind) => Type::Resource(kind.clone()),
            crate::types::Class::Plain | crate::types::Class::Descriptor(_) | crate::types::Class::Call { .. } => {
                Type::Any
            }
        },
        Data::Late(late) => late.type_.clone(),
        Data::Function(_) => Type::Any,
    }
}
