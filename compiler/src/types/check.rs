//! Whether a value fits a type, and the value as that type has it. Gives findings as data; whoever asked knows what the
//! value was for and words the message.

use std::sync::Arc;

use smol_str::{SmolStr, format_smolstr};

use super::show;
use super::type_::{Bounds, Literal, RecordType, Type};
use super::value::{Class, Data, Entry, Late, Object, Stage, Value};
use crate::source::Span;

/// One way in which a value does not fit.
#[derive(Clone, Debug)]
pub struct Mismatch {
    pub span: Span,
    /// From the checked value to the wrong part: `.train.format`, or empty.
    pub path: String,
    pub problem: Problem,
}

#[derive(Clone, Debug)]
pub enum Problem {
    Type {
        expected: String,
        found: String,
    },
    NotOneOf {
        value: SmolStr,
        values: Vec<SmolStr>,
        quote: bool,
    },
    Range {
        value: String,
        expected: String,
    },
    Length {
        length: usize,
        low: Option<i64>,
        high: Option<i64>,
    },
    Pattern {
        value: SmolStr,
        pattern: SmolStr,
    },
    UnknownKey {
        key: SmolStr,
        candidates: Vec<SmolStr>,
    },
    MissingKey {
        key: SmolStr,
        type_: Type,
    },
    Late {
        late: Arc<Late>,
        allowed: Stage,
    },
    /// The instance type exists nowhere, or not for these jobs.
    Instance {
        value: SmolStr,
        job: SmolStr,
        exists: bool,
        candidates: Vec<SmolStr>,
    },
    Format {
        found: SmolStr,
        accepted: Vec<SmolStr>,
    },
    Header,
    Column {
        schema: SmolStr,
        column: SmolStr,
        found: Option<String>,
        expected: String,
    },
    Unreachable {
        found: String,
        ways: Vec<SmolStr>,
    },
    Optional {
        expected: String,
        late: Option<Arc<Late>>,
    },
    File {
        path: SmolStr,
        reason: String,
    },
    /// Has been reported already.
    Reported,
}

/// What checking must ask about the world.
pub trait World {
    /// `None` where the instance type can run such jobs.
    fn instance_problem(&self, job: &str, name: &str) -> Option<Problem>;
    /// The file or folder that a text names.
    fn file(&mut self, text: &str, span: Span) -> Result<Value, Problem>;
    /// Whether one kind is another or narrows it.
    fn is_kind(&self, kind: &str, base: &str) -> bool;
}

/// `value` as a `type_` that is known by `stage`; what does not fit is `Error` in the result and has a [`Mismatch`].
pub fn conform(value: &Value, type_: &Type, stage: Stage, world: &mut dyn World, out: &mut Vec<Mismatch>) -> Value {
    Check { world, out, path: String::new() }.value(value, type_, stage)
}

struct Check<'a> {
    world: &'a mut dyn World,
    out: &'a mut Vec<Mismatch>,
    path: String,
}

impl Check<'_> {
    fn fail(&mut self, span: Span, problem: Problem) -> Value {
        self.out.push(Mismatch { span, path: self.path.clone(), problem });
        Value::error(span)
    }

    fn wrong(&mut self, value: &Value, type_: &Type) -> Value {
        let problem = Problem::Type { expected: show::describe(type_), found: show::describe_value(value) };
        self.fail(value.span, problem)
    }

    fn value(&mut self, value: &Value, type_: &Type, stage: Stage) -> Value {
        if value.is_error() || matches!(type_, Type::Error) {
            return value.clone();
        }
        if let Type::Optional(inner) = type_ {
            return if value.is_none() { value.clone() } else { self.value_optional(value, inner, stage) };
        }
        if let Data::Late(late) = &value.data {
            return self.late(value, late, type_, stage);
        }
        if value.is_none() && !matches!(type_, Type::Any | Type::None) {
            return self.fail(value.span, Problem::Optional { expected: show::describe(type_), late: None });
        }
        self.known(value, type_, stage)
    }

    /// Inside `T?` a late optional value is welcome.
    fn value_optional(&mut self, value: &Value, inner: &Type, stage: Stage) -> Value {
        if let Data::Late(late) = &value.data
            && let Type::Optional(late_inner) = &late.type_
        {
            if late.stage > stage {
                return self.fail(value.span, Problem::Late { late: late.clone(), allowed: stage });
            }
            return if self.fits(late_inner, inner) { value.clone() } else { self.wrong(value, inner) };
        }
        self.value(value, inner, stage)
    }

    fn late(&mut self, value: &Value, late: &Arc<Late>, type_: &Type, stage: Stage) -> Value {
        if late.stage > stage {
            return self.fail(value.span, Problem::Late { late: late.clone(), allowed: stage });
        }
        if matches!(&late.type_, Type::Optional(inner) if matches!(**inner, Type::Step)) && takes_step(type_) {
            // Waiting for a step of a branch is well-defined, whatever becomes of its results.
            return value.clone();
        }
        if let Type::Optional(_) = &late.type_
            && !matches!(type_, Type::Any)
        {
            let problem = Problem::Optional { expected: show::describe(type_), late: Some(late.clone()) };
            return self.fail(value.span, problem);
        }
        if matches!(late.type_, Type::Uri | Type::String(_))
            && matches!(type_, Type::Data(_) | Type::Files(_) | Type::Model { .. })
        {
            return located(value, type_);
        }
        if self.fits(&late.type_, type_) { value.clone() } else { self.wrong(value, type_) }
    }

    /// Whether a later value of type `found` may stand where `wanted` is. Ranges of later values are checked only where
    /// both are known and do not overlap.
    fn fits(&self, found: &Type, wanted: &Type) -> bool {
        match (found, wanted) {
            (Type::Error | Type::Any, _) | (_, Type::Error | Type::Any) => true,
            (found, Type::Optional(wanted)) => self.fits(found.required(), wanted),
            (Type::Union(found), wanted) => found.iter().all(|found| self.fits(found, wanted)),
            (found, Type::Union(wanted)) => wanted.iter().any(|wanted| self.fits(found, wanted)),
            (Type::Int(a), Type::Int(b)) => overlap(a, b),
            (Type::Float(a), Type::Float(b)) => overlap(a, b),
            (Type::Int(_), Type::Float(_)) => true,
            (Type::Duration(a), Type::Duration(b)) => overlap(a, b),
            (Type::Size(a), Type::Size(b)) => overlap(a, b),
            (Type::Percent(_), Type::Percent(_)) => true,
            (Type::Bool, Type::Bool) => true,
            (Type::Literals(values), wanted) => values.iter().all(|value| self.literal_fits(value, wanted)),
            (Type::String(_) | Type::Uri | Type::Arn | Type::Regex, Type::String(_) | Type::Regex) => true,
            (Type::String(_) | Type::Uri, Type::Uri) => true,
            (Type::String(_) | Type::Arn, Type::Arn) => true,
            (Type::String(_) | Type::Uri | Type::Image, Type::Image) => true,
            (Type::Instance(a), Type::Instance(b)) => a == b,
            (Type::Instance(_), Type::String(_)) => true,
            // Text of a service's answer is trusted to be what the place asks for.
            (Type::String(None), Type::Instance(_) | Type::Literals(_)) => true,
            (
                Type::Bool
                | Type::Int(_)
                | Type::Float(_)
                | Type::String(_)
                | Type::Uri
                | Type::Arn
                | Type::Instance(_),
                Type::Scalar,
            ) => true,
            (Type::List(a), Type::List(b)) | (Type::Map(a), Type::Map(b)) => self.fits(a, b),
            (Type::Record(a), Type::Record(b)) => b.fields.iter().all(|wanted| match a.field(&wanted.name) {
                Some(found) => self.fits(&found.type_, &wanted.type_),
                None => wanted.optional,
            }),
            (Type::Record(a), Type::Map(b)) => a.fields.iter().all(|field| self.fits(&field.type_, b)),
            (found, wanted) if found.is_data() && wanted.is_data() => data_class_fits(found, wanted),
            (found, wanted) => found == wanted,
        }
    }

    fn literal_fits(&self, value: &Literal, wanted: &Type) -> bool {
        match (value, wanted) {
            (_, Type::Scalar | Type::Any) => true,
            (value, Type::Literals(values)) => values.contains(value),
            (Literal::String(text), Type::Instance(job)) => self.world.instance_problem(job, text).is_none(),
            (Literal::String(_), Type::String(_) | Type::Uri | Type::Arn | Type::Image | Type::Regex) => true,
            (Literal::Int(v), Type::Int(bounds)) => bounds.contains(*v),
            (Literal::Int(v), Type::Float(bounds)) => bounds.contains(*v as f64),
            (Literal::Float(v), Type::Float(bounds)) => bounds.contains(*v),
            (Literal::Bool(_), Type::Bool) => true,
            _ => false,
        }
    }

    fn known(&mut self, value: &Value, type_: &Type, stage: Stage) -> Value {
        match type_ {
            Type::Error | Type::Any => self.any(value, stage),
            Type::None => {
                if value.is_none() {
                    value.clone()
                } else {
                    self.wrong(value, type_)
                }
            }
            Type::Optional(inner) => self.value(value, inner, stage),
            Type::Bool => match value.data {
                Data::Bool(_) => value.clone(),
                _ => self.wrong(value, type_),
            },
            Type::Int(bounds) => match value.data {
                Data::Int(number) => self.in_range(value, number, bounds, type_),
                Data::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
                    let whole = Value::new(Data::Int(number as i64), value.span);
                    self.in_range(&whole, number as i64, bounds, type_)
                }
                _ => self.wrong(value, type_),
            },
            Type::Float(bounds) => match value.data {
                Data::Int(number) => {
                    let wider = Value::new(Data::Float(number as f64), value.span);
                    self.in_range(&wider, number as f64, bounds, type_)
                }
                Data::Float(number) => self.in_range(value, number, bounds, type_),
                _ => self.wrong(value, type_),
            },
            Type::Duration(bounds) => match value.data {
                Data::Duration(number) => self.in_range(value, number, bounds, type_),
                _ => self.wrong(value, type_),
            },
            Type::Size(bounds) => match value.data {
                Data::Size(number) => self.in_range(value, number, bounds, type_),
                _ => self.wrong(value, type_),
            },
            Type::Percent(bounds) => match value.data {
                Data::Percent(number) => self.in_range(value, number, bounds, type_),
                _ => self.wrong(value, type_),
            },
            Type::String(constraint) => match &value.data {
                Data::String(text) => match constraint {
                    None => value.clone(),
                    Some(constraint) => self.string(value, text, constraint.length, constraint.pattern.as_ref()),
                },
                _ => self.wrong(value, type_),
            },
            Type::Uri => match &value.data {
                Data::String(text) => {
                    let found = text.split_once("://").is_some_and(|(scheme, rest)| {
                        !rest.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
                    });
                    if found { value.clone() } else { self.wrong(value, type_) }
                }
                Data::Object(object) => match (&object.class, object.get("uri")) {
                    (Class::Data(_) | Class::File, Some(uri)) if !uri.is_none() => uri.clone().at(value.span),
                    _ => self.wrong(value, type_),
                },
                _ => self.wrong(value, type_),
            },
            Type::Arn => match &value.data {
                Data::String(text) if text.starts_with("arn:") => value.clone(),
                Data::Object(object) if object.get("arn").is_some_and(|arn| !arn.is_none()) => {
                    object.get("arn").cloned().unwrap_or_else(|| value.clone()).at(value.span)
                }
                _ => self.wrong(value, type_),
            },
            Type::Regex => match &value.data {
                Data::String(text) => match regex::Regex::new(text) {
                    Ok(_) => value.clone(),
                    Err(_) => self.wrong(value, type_),
                },
                _ => self.wrong(value, type_),
            },
            Type::File => match &value.data {
                Data::String(text) => match self.world.file(text, value.span) {
                    Ok(file) => file,
                    Err(problem) => self.fail(value.span, problem),
                },
                Data::Object(object) if object.class == Class::File => value.clone(),
                _ => self.wrong(value, type_),
            },
            Type::Image => match &value.data {
                Data::String(text) if text.is_empty() => self.wrong(value, type_),
                Data::String(_) => value.clone(),
                Data::Object(object) if object.class == Class::Image => value.clone(),
                _ => self.wrong(value, type_),
            },
            Type::Literals(values) => self.one_of(value, values, type_),
            Type::Union(types) => self.union(value, types, type_, stage),
            Type::List(inner) => match &value.data {
                Data::List(items) => {
                    let mut list = Vec::with_capacity(items.len());
                    for (index, item) in items.iter().enumerate() {
                        let length = self.path.len();
                        self.path.push_str(&format!("[{index}]"));
                        list.push(self.value(item, inner, stage));
                        self.path.truncate(length);
                    }
                    Value::list(list, value.span)
                }
                _ => self.wrong(value, type_),
            },
            Type::Map(inner) => match &value.data {
                Data::Object(object) if object.class == Class::Plain => {
                    let entries = object
                        .entries
                        .iter()
                        .filter(|entry| !entry.value.is_none())
                        .map(|entry| self.entry(entry, inner, stage))
                        .collect();
                    Value::object(Class::Plain, entries, value.span)
                }
                _ => self.wrong(value, type_),
            },
            Type::Record(record) => match &value.data {
                Data::Object(object) if object.class == Class::Plain => self.record(value, object, record, stage),
                _ => self.wrong(value, type_),
            },
            Type::Instance(job) => match &value.data {
                Data::String(text) => match self.world.instance_problem(job, text) {
                    None => value.clone(),
                    Some(problem) => self.fail(value.span, problem),
                },
                _ => self.wrong(value, type_),
            },
            Type::Table { .. }
            | Type::Files(_)
            | Type::Stream(_)
            | Type::Model { .. }
            | Type::Report(_)
            | Type::Data(_) => self.data(value, type_),
            Type::Endpoint => match &value.data {
                Data::Object(object) if matches!(&object.class, Class::Data(Type::Endpoint)) => value.clone(),
                _ => self.wrong(value, type_),
            },
            Type::Outputs(_) => match &value.data {
                Data::Object(_) => value.clone(),
                _ => self.wrong(value, type_),
            },
            Type::Scalar => match value.data {
                Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::String(_) => value.clone(),
                _ => self.wrong(value, type_),
            },
            Type::Kind(base) => match &value.data {
                Data::Object(object) => match &object.class {
                    Class::Instance(kind) if self.world.is_kind(kind, base) => value.clone(),
                    _ => self.wrong(value, type_),
                },
                _ => self.wrong(value, type_),
            },
            Type::Step => match &value.data {
                Data::Object(object) if matches!(object.class, Class::Step(_)) => value.clone(),
                _ => self.wrong(value, type_),
            },
            Type::Resource(kind) => match &value.data {
                Data::Object(object) if object.class == Class::Resource(kind.clone()) => value.clone(),
                _ => self.wrong(value, type_),
            },
            Type::Shape { .. } => value.clone(),
        }
    }

    fn entry(&mut self, entry: &Entry, type_: &Type, stage: Stage) -> Entry {
        let length = self.path.len();
        self.path.push('.');
        self.path.push_str(&entry.key);
        let value = self.value(&entry.value, type_, stage);
        self.path.truncate(length);
        Entry { value, ..entry.clone() }
    }

    /// Anything may stand here, if it is known in time.
    fn any(&mut self, value: &Value, stage: Stage) -> Value {
        match value.latest() {
            Some(late) if late.stage > stage => {
                let late = late.clone();
                self.fail(value.span, Problem::Late { late, allowed: stage })
            }
            _ => value.clone(),
        }
    }

    fn in_range<T: PartialOrd + Copy>(&mut self, value: &Value, number: T, bounds: &Bounds<T>, type_: &Type) -> Value {
        if bounds.contains(number) {
            return value.clone();
        }
        let problem = Problem::Range {
            value: show::describe_value(value)
                .split_once(' ')
                .map_or(String::new(), |(_, rest)| rest.rsplit(' ').next().unwrap_or(rest).to_owned()),
            expected: show::describe(type_),
        };
        self.fail(value.span, problem)
    }

    fn string(&mut self, value: &Value, text: &SmolStr, length: Bounds<i64>, pattern: Option<&SmolStr>) -> Value {
        let count = text.chars().count();
        if !length.contains(count as i64) {
            return self.fail(value.span, Problem::Length { length: count, low: length.low, high: length.high });
        }
        if let Some(pattern) = pattern
            && let Ok(regex) = regex::Regex::new(&format!("^(?:{pattern})$"))
            && !regex.is_match(text)
        {
            return self.fail(value.span, Problem::Pattern { value: text.clone(), pattern: pattern.clone() });
        }
        value.clone()
    }

    fn one_of(&mut self, value: &Value, values: &[Literal], type_: &Type) -> Value {
        let found = match &value.data {
            Data::String(text) => Literal::String(text.clone()),
            Data::Int(number) => Literal::Int(*number),
            Data::Float(number) => Literal::Float(*number),
            Data::Bool(flag) => Literal::Bool(*flag),
            _ => return self.wrong(value, type_),
        };
        if values.contains(&found) {
            return value.clone();
        }
        let same_sort = values.iter().any(|other| std::mem::discriminant(other) == std::mem::discriminant(&found));
        if !same_sort {
            return self.wrong(value, type_);
        }
        let problem = Problem::NotOneOf {
            value: show::literal(&found).into(),
            values: values.iter().map(|value| SmolStr::from(show::literal(value))).collect(),
            quote: matches!(found, Literal::String(_)),
        };
        self.fail(value.span, problem)
    }

    fn union(&mut self, value: &Value, types: &[Type], whole: &Type, stage: Stage) -> Value {
        let before = self.out.len();
        let mut best: Option<Vec<Mismatch>> = None;
        for type_ in types {
            let found = self.value(value, type_, stage);
            let findings = self.out.split_off(before);
            if findings.is_empty() {
                return found;
            }
            // The arm whose findings lie deepest is the one that was meant.
            let deepest = |list: &[Mismatch]| list.iter().map(|m| m.path.len()).max().unwrap_or(0);
            let is_type = |list: &[Mismatch]| list.iter().all(|m| matches!(m.problem, Problem::Type { .. }));
            let better = best
                .as_ref()
                .is_none_or(|best| deepest(&findings) > deepest(best) || (is_type(best) && !is_type(&findings)));
            if better {
                best = Some(findings);
            }
        }
        match best {
            Some(findings)
                if !findings
                    .iter()
                    .all(|m| m.path.len() == self.path.len() && matches!(m.problem, Problem::Type { .. })) =>
            {
                self.out.extend(findings);
                Value::error(value.span)
            }
            _ => self.wrong(value, whole),
        }
    }

    fn record(&mut self, value: &Value, object: &Object, record: &Arc<RecordType>, stage: Stage) -> Value {
        let mut entries = Vec::with_capacity(object.entries.len());
        for entry in &object.entries {
            match record.field(&entry.key) {
                Some(field) => {
                    let type_ = if field.optional { field.type_.clone().optional() } else { field.type_.clone() };
                    entries.push(self.entry(entry, &type_, stage.min(field.stage)));
                }
                None if entry.unchecked => entries.push(entry.clone()),
                None => {
                    let candidates = record
                        .fields
                        .iter()
                        .map(|field| field.name.clone())
                        .filter(|name| object.get(name).is_none())
                        .collect();
                    self.fail(entry.key_span, Problem::UnknownKey { key: entry.key.clone(), candidates });
                }
            }
        }
        for field in &record.fields {
            if object.get(&field.name).is_some() {
                continue;
            }
            if !field.optional && !field.type_.is_optional() {
                // A misspelt key is one mistake, not two.
                let misspelt =
                    object.entries.iter().any(|entry| !entry.unchecked && record.field(&entry.key).is_none());
                if !misspelt {
                    let problem = Problem::MissingKey { key: field.name.clone(), type_: field.type_.clone() };
                    self.fail(value.span, problem);
                }
            }
            // Whoever reads it need not ask whether it was written.
            entries.push(Entry::new(field.name.clone(), Value::none(value.span)));
        }
        Value::object(Class::Plain, entries, value.span)
    }

    fn data(&mut self, value: &Value, wanted: &Type) -> Value {
        // A location stands for what lies there, where nothing more must be known of it.
        if let (Data::String(text), Type::Data(_) | Type::Files(_) | Type::Model { .. }) = (&value.data, wanted)
            && text.starts_with("s3://")
        {
            return located(value, wanted);
        }
        let Data::Object(object) = &value.data else {
            return self.wrong(value, wanted);
        };
        let Class::Data(found) = &object.class else {
            return self.wrong(value, wanted);
        };
        if !data_class_fits(found, wanted) {
            return self.wrong(value, wanted);
        }
        match (found, wanted) {
            (_, Type::Data(ways)) if !ways.is_empty() => {
                let reachable = ways.iter().any(|way| object.get(way).is_some_and(|location| !location.is_none()));
                if !reachable {
                    let problem = Problem::Unreachable { found: show::describe(found), ways: ways.to_vec() };
                    return self.fail(value.span, problem);
                }
            }
            (Type::Table { schema: found_schema, .. }, Type::Table { schema, formats }) => {
                if !formats.is_empty()
                    && let Some(Data::String(format)) = object.get("format").map(|format| &format.data)
                    && !formats.contains(format)
                {
                    let problem = Problem::Format { found: format.clone(), accepted: formats.to_vec() };
                    return self.fail(value.span, problem);
                }
                if let (Some(found_schema), Some(schema)) = (found_schema, schema)
                    && let Some(problem) = self.schema_problem(found_schema, schema)
                {
                    return self.fail(value.span, problem);
                }
                // A format that names how rows are read means rows alone: a header line would be read as one.
                if !formats.is_empty()
                    && matches!(object.get("header").map(|header| &header.data), Some(Data::Bool(true)))
                {
                    return self.fail(value.span, Problem::Header);
                }
            }
            (Type::Files(found), Type::Files(wanted)) if !wanted.is_empty() && !found.is_empty() => {
                if let Some(media) = found.iter().find(|media| !wanted.contains(media)) {
                    let problem = Problem::Format { found: media.clone(), accepted: wanted.to_vec() };
                    return self.fail(value.span, problem);
                }
            }
            (Type::Report(Some(found)), Type::Report(Some(wanted))) => {
                if let Some(problem) = self.schema_problem(found, wanted) {
                    return self.fail(value.span, problem);
                }
            }
            (Type::Model { input: Some(found), .. }, Type::Model { input: Some(wanted), .. }) => {
                if let Some(problem) = self.schema_problem(found, wanted) {
                    return self.fail(value.span, problem);
                }
            }
            _ => {}
        }
        value.clone()
    }

    /// The first column that is wanted and not there, or of another type.
    fn schema_problem(&self, found: &RecordType, wanted: &RecordType) -> Option<Problem> {
        if found.name.is_some() && found.name == wanted.name {
            return None;
        }
        let schema = found.name.clone().unwrap_or_else(|| "the schema".into());
        wanted.fields.iter().find_map(|column| match found.field(&column.name) {
            Some(other) if self.fits(&other.type_, &column.type_) => None,
            Some(other) => Some(Problem::Column {
                schema: schema.clone(),
                column: column.name.clone(),
                found: Some(show::written(&other.type_)),
                expected: show::written(&column.type_),
            }),
            None if column.optional => None,
            None => Some(Problem::Column {
                schema: schema.clone(),
                column: column.name.clone(),
                found: None,
                expected: show::written(&column.type_),
            }),
        })
    }
}

fn takes_step(type_: &Type) -> bool {
    match type_ {
        Type::Step => true,
        Type::Union(types) => types.iter().any(takes_step),
        _ => false,
    }
}

/// Whether data of one class can stand for another, before formats and schemas are looked at.
fn data_class_fits(found: &Type, wanted: &Type) -> bool {
    // Data of which nothing is said may be anything.
    if matches!(found, Type::Data(_)) {
        return wanted.is_data();
    }
    match wanted {
        Type::Data(_) => found.is_data(),
        Type::Table { .. } => matches!(found, Type::Table { .. }),
        Type::Files(_) => matches!(found, Type::Files(_)),
        Type::Stream(_) => matches!(found, Type::Stream(_)),
        Type::Model { .. } => matches!(found, Type::Model { .. }),
        Type::Report(_) => matches!(found, Type::Report(_)),
        _ => false,
    }
}

/// Data of a type at a location of which no more is known.
fn located(value: &Value, type_: &Type) -> Value {
    let span = value.span;
    let entries = vec![
        Entry::new("uri", value.clone()),
        Entry::new("s3", Value::object(Class::Plain, vec![Entry::new("uri", value.clone())], span)),
    ];
    Value::object(Class::Data(type_.clone()), entries, span)
}

fn overlap<T: PartialOrd + Copy>(a: &Bounds<T>, b: &Bounds<T>) -> bool {
    let below = matches!((a.high, b.low), (Some(high), Some(low)) if high < low);
    let above = matches!((a.low, b.high), (Some(low), Some(high)) if low > high);
    !below && !above
}

/// The text for a key in a message: quoted where it is no plain word.
pub fn key_text(key: &str) -> SmolStr {
    if key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') { key.into() } else { format_smolstr!("\"{key}\"") }
}
