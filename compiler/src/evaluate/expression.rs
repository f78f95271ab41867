//! Expressions to values.

use std::sync::Arc;

use smol_str::SmolStr;

use super::comprehensions::Later;
use super::{Evaluator, Scope};
use crate::diagnostics::{self as d, Diagnostic};
use crate::resolve::Global;
use crate::source::Span;
use crate::syntax::tree::{
    Argument, Element, EntryKind, Expression, ExpressionKind, Name, Object, StringPart, UnaryOperator, Unit,
};
use crate::types::{Because, Class, Data, Entry, FunctionBody, Late, LateKind, Segment, Stage, Type, Value, show};

impl Evaluator<'_> {
    pub(crate) fn evaluate(&mut self, expression: &Expression, scope: &Scope<'_>) -> Value {
        let value = self.evaluated(expression, scope);
        self.note(expression.span, &value);
        value
    }

    fn evaluated(&mut self, expression: &Expression, scope: &Scope<'_>) -> Value {
        let span = expression.span;
        match &*expression.kind {
            ExpressionKind::Error => Value::error(span),
            ExpressionKind::None => Value::none(span),
            ExpressionKind::Null => Value::new(Data::Null, span),
            ExpressionKind::Bool(value) => Value::new(Data::Bool(*value), span),
            ExpressionKind::Int(value) => Value::new(Data::Int(*value), span),
            ExpressionKind::Float(value) => Value::new(Data::Float(*value), span),
            ExpressionKind::Quantity { number, unit } => self.quantity(number, *unit, span),
            ExpressionKind::String(parts) => self.text(parts, scope, span),
            ExpressionKind::Jsonata(text) => Value::late(
                LateKind::Operation { name: "jsonata".into(), operands: vec![Value::string(text.clone(), span)] },
                Type::Any,
                Stage::Run,
                Because { span, text: "a JSONata expression is computed while an execution runs".into() },
                span,
            ),
            ExpressionKind::Name(name) => self.name(name, span, scope),
            ExpressionKind::Group(inner) => self.evaluate(inner, scope).at(span),
            ExpressionKind::Member { base, name, optional } => {
                self.member_expression(base, name, *optional, scope, span)
            }
            ExpressionKind::Index { base, index } => self.index(base, index, scope, span),
            ExpressionKind::Call { callee, arguments } => self.call(callee, arguments, scope, span),
            ExpressionKind::Apply { callee, arguments, body } => {
                self.instance(callee, arguments.as_deref().unwrap_or(&[]), body, scope, span)
            }
            ExpressionKind::Object(object) => self.object(object, scope, span),
            ExpressionKind::List(elements) => self.list(elements, scope, span),
            ExpressionKind::ListComprehension { clause, element } => {
                self.list_comprehension(clause, element, scope, span)
            }
            ExpressionKind::Unary { operator, operand } => {
                let value = self.evaluate(operand, scope);
                match operator {
                    UnaryOperator::Not => self.not(value, span),
                    UnaryOperator::Negate => self.negate(value, span),
                }
            }
            ExpressionKind::Binary { operator, operator_span, left, right } => {
                self.binary(*operator, *operator_span, left, right, scope, span)
            }
            ExpressionKind::If { condition, then, otherwise } => {
                let condition = self.evaluate(condition, scope);
                match &condition.data {
                    Data::Error => Value::error(span),
                    Data::Bool(true) => self.evaluate(then, scope),
                    Data::Bool(false) => match otherwise {
                        Some(otherwise) => self.evaluate(otherwise, scope),
                        None => Value::none(span),
                    },
                    Data::Late(late) if matches!(late.type_, Type::Bool | Type::Any | Type::Error) => {
                        let then = self.evaluate(then, scope);
                        let otherwise = match otherwise {
                            Some(otherwise) => self.evaluate(otherwise, scope),
                            None => Value::none(span),
                        };
                        let type_ = super::types::type_of_value(&then);
                        let type_ = if otherwise.is_none() { type_.optional() } else { type_ };
                        self.operation("if", vec![condition.clone(), then, otherwise], type_, span)
                    }
                    _ => {
                        self.expect_bool(&condition, "if");
                        Value::error(span)
                    }
                }
            }
            ExpressionKind::Machine(block) => self.machine_block(block, scope, span),
            ExpressionKind::Pipeline(block) => self.pipeline_block(block, scope, span),
        }
    }

    fn quantity(&mut self, number: &str, unit: Unit, span: Span) -> Value {
        let factor: i64 = match unit {
            Unit::Microseconds | Unit::Bytes | Unit::Percent => 1,
            Unit::Milliseconds => 1_000,
            Unit::Seconds => 1_000_000,
            Unit::Minutes => 60_000_000,
            Unit::Hours => 3_600_000_000,
            Unit::Days => 86_400_000_000,
            Unit::Weeks => 604_800_000_000,
            Unit::Kilobytes => 1 << 10,
            Unit::Megabytes => 1 << 20,
            Unit::Gigabytes => 1 << 30,
            Unit::Terabytes => 1 << 40,
        };
        let Ok(value) = number.parse::<f64>() else { return Value::error(span) };
        let scaled = value * factor as f64;
        if scaled.abs() > 9.0e18 {
            self.report(Diagnostic::new(&d::NUMBER_TOO_LARGE, span, &[]));
            return Value::error(span);
        }
        let data = match unit {
            Unit::Percent => Data::Percent(value),
            Unit::Bytes | Unit::Kilobytes | Unit::Megabytes | Unit::Gigabytes | Unit::Terabytes => {
                Data::Size(scaled as i64)
            }
            Unit::Microseconds
            | Unit::Milliseconds
            | Unit::Seconds
            | Unit::Minutes
            | Unit::Hours
            | Unit::Days
            | Unit::Weeks => Data::Duration(scaled as i64),
        };
        Value::new(data, span)
    }

    fn text(&mut self, parts: &[StringPart], scope: &Scope<'_>, span: Span) -> Value {
        for part in parts {
            if let StringPart::Text(text) = part
                && memchr::memchr2(b'{', b'$', text.as_bytes()).is_some()
            {
                self.plain_braces(text, scope, span);
            }
        }
        match parts {
            [] => return Value::string("", span),
            [StringPart::Text(text)] => return Value::string(text.clone(), span),
            _ => {}
        }
        let mut values = Vec::with_capacity(parts.len());
        for part in parts {
            values.push(match part {
                StringPart::Text(text) => Value::string(text.clone(), span),
                StringPart::Interpolation(inner) => {
                    let value = self.evaluate(inner, scope);
                    let fits = match &value.data {
                        Data::Object(object) => {
                            // A location stands for itself inside a text.
                            match (&object.class, object.get("uri")) {
                                (Class::Data(_) | Class::File, Some(uri)) => Some(uri.clone().at(inner.span)),
                                _ => None,
                            }
                        }
                        Data::None if self.is_message => Some(Value::string("none", inner.span)),
                        Data::List(_) | Data::None | Data::Null | Data::Function(_) => None,
                        Data::Duration(value) => Some(Value::string(show::duration(*value), inner.span)),
                        Data::Size(value) => Some(Value::string(show::size(*value), inner.span)),
                        Data::Percent(value) => Some(Value::string(format!("{}%", show::number(*value)), inner.span)),
                        _ => Some(value.clone()),
                    };
                    match fits {
                        Some(value) => value,
                        None => {
                            let found = show::describe_value(&value);
                            self.report(Diagnostic::new(&d::NOT_TEXT, inner.span, &[("found", &found)]));
                            Value::error(inner.span)
                        }
                    }
                }
            });
        }
        self.join("", values, span)
    }

    /// Text put together: now where all parts are known, later otherwise.
    pub(crate) fn join(&mut self, separator: &str, values: Vec<Value>, span: Span) -> Value {
        if values.iter().any(Value::is_error) {
            return Value::error(span);
        }
        let mut parts: Vec<Value> = Vec::with_capacity(values.len());
        let mut stage = Stage::Build;
        let mut because: Option<Because> = None;
        for value in values {
            match &value.data {
                Data::Late(late) => {
                    if late.stage > stage {
                        stage = late.stage;
                        because = Some(late.because.clone());
                    }
                    match &late.kind {
                        LateKind::Join { separator: inner, parts: more } if inner == separator => {
                            for part in more {
                                push_part(&mut parts, part.clone(), separator);
                            }
                        }
                        _ => parts.push(value),
                    }
                }
                _ => push_part(&mut parts, value, separator),
            }
        }
        match because {
            None => {
                if let [Value { data: Data::String(text), .. }] = parts.as_slice() {
                    return Value::string(text.clone(), span);
                }
                let mut text = String::new();
                for (index, part) in parts.iter().enumerate() {
                    if index > 0 {
                        text.push_str(separator);
                    }
                    text.push_str(&scalar_text(part).unwrap_or_default());
                }
                Value::string(text, span)
            }
            Some(because) => {
                Value::late(LateKind::Join { separator: separator.into(), parts }, Type::STRING, stage, because, span)
            }
        }
    }

    fn name(&mut self, name: &SmolStr, span: Span, scope: &Scope<'_>) -> Value {
        // A field of a kind keeps the place where it was given: that is where a mistake in it is.
        if let Some(value) = scope.local(name) {
            return value.clone();
        }
        if let Some(block) = scope.block_id()
            && let Some(value) = self.block_name(block, name, span)
        {
            return value.at(span);
        }
        match name.as_str() {
            "aws" => return self.aws(span),
            "run" => return self.run_object(span),
            "project" => return self.project_object(span),
            _ => {}
        }
        if super::functions::is_built_in(name) {
            return self.built_in(name, span);
        }
        match self.modules.find(span.file, name) {
            Some(global) => self.global(global, span).at(span),
            None => {
                self.unknown_name(name, span, scope);
                Value::error(span)
            }
        }
    }

    fn is_surely_name(&self, span: Span) -> bool {
        let text = &self.modules.sources.get(span.file).text;
        let (before, after) = (text.get(..span.start as usize), text.get(span.end as usize..));
        before.is_some_and(|before| before.ends_with("${"))
            || after.is_some_and(|after| after.starts_with(['.', '(', '[', '?']))
    }

    pub(crate) fn unknown_name(&mut self, name: &str, span: Span, scope: &Scope<'_>) {
        let mut candidates = Vec::new();
        scope.local_names(&mut candidates);
        if let Some(block) = scope.block_id() {
            self.block_names(block, &mut candidates);
        }
        candidates.extend(self.modules.names(span.file));
        candidates.extend(super::functions::names().map(SmolStr::from));
        candidates.extend(["aws", "run", "project"].map(SmolStr::from));
        candidates.sort();
        candidates.dedup();
        let found = Diagnostic::new(&d::UNKNOWN_NAME, span, &[("name", &name)]);
        if let Some((help, fix)) = self.foreign_name(name, span, &candidates) {
            let found = found.help(help);
            self.report(match fix {
                Some((place, text)) => found.fix(format!("Change to `{text}`"), place, text),
                None => found,
            });
            return;
        }
        let near = d::closest(name, candidates.iter().map(|c| c.as_str()));
        let found = match near {
            Some(near) => found.help(format!("did you mean `{near}`?")).fix(format!("Change to `{near}`"), span, near),
            // Inside a text, or before a member or an argument, it was meant as a name.
            None if self.is_surely_name(span) => found,
            None => found.help(format!("a bare word is a name; to give the text, write \"{name}\"")),
        };
        self.report(found);
    }

    fn member_expression(
        &mut self,
        base: &Expression,
        name: &Name,
        optional: bool,
        scope: &Scope<'_>,
        span: Span,
    ) -> Value {
        let local = match &*base.kind {
            ExpressionKind::Name(first) => scope.local(first),
            _ => None,
        };
        if let (ExpressionKind::Name(first), None) = (&*base.kind, local) {
            // `x.name` of an imported file.
            let in_block = scope.block_id().is_some_and(|block| self.block_has(block, first));
            if !in_block && let Some(Global::Namespace(file)) = self.modules.find(span.file, first) {
                return match self.modules.member(file, &name.text) {
                    Some(global) => self.global(global, span).at(span),
                    None => {
                        let names = self.modules.names(file);
                        let path = self.modules.sources.get(file).name.clone();
                        let found =
                            Diagnostic::new(&d::NOT_EXPORTED, name.span, &[("name", &name.text), ("path", &path)])
                                .suggest(&name.text, name.span, names.iter().map(|n| n.as_str()));
                        self.report(found);
                        Value::error(span)
                    }
                };
            }
        }
        let evaluated;
        let base_value = match local {
            Some(value) => value,
            None => {
                evaluated = self.evaluate(base, scope);
                &evaluated
            }
        };
        if let (ExpressionKind::Name(first), Data::Function(function)) = (&*base.kind, &base_value.data)
            && matches!(function.body, FunctionBody::BuiltIn)
        {
            // A function has no members: something of that name was meant that is not there.
            self.unknown_name(first, base.span, scope);
            return Value::error(span);
        }
        if base_value.is_none() && optional {
            return Value::none(span);
        }
        let value = self.member(base_value, &name.text, name.span, optional);
        let is_local = local.is_some() || starts_local(base, scope);
        if is_local && !value.span.is_none() { value } else { value.at(span) }
    }

    fn index(&mut self, base: &Expression, index: &Expression, scope: &Scope<'_>, span: Span) -> Value {
        let value = self.evaluate(base, scope);
        if value.is_error() {
            return Value::error(span);
        }
        // A filter: `list[Member == value]` picks the element.
        if let ExpressionKind::Binary { operator: crate::syntax::tree::BinaryOperator::Equal, left, right, .. } =
            &*index.kind
            && let ExpressionKind::Name(member) = &*left.kind
        {
            let wanted = self.evaluate(right, scope);
            return self.filter(&value, member, &wanted, span);
        }
        let index = self.evaluate(index, scope);
        match (&value.data, &index.data) {
            (_, Data::Error) => Value::error(span),
            (Data::List(items), Data::Int(number)) => {
                let at = if *number < 0 { items.len() as i64 + number } else { *number };
                match usize::try_from(at).ok().and_then(|at| items.get(at)) {
                    Some(item) => item.clone().at(span),
                    None => {
                        let length = super::findings::counted(items.len(), "element");
                        let found =
                            Diagnostic::new(&d::NO_ELEMENT, index.span, &[("index", number), ("length", &length)]);
                        self.report(found);
                        Value::error(span)
                    }
                }
            }
            (Data::Object(_), Data::String(key)) => self.member(&value, key, index.span, true).at(span),
            (Data::Late(late), Data::Int(number)) => self.extend(late, Segment::Index(*number), index.span, span),
            (Data::List(_) | Data::Object(_) | Data::Late(_), Data::Late(late)) => {
                let late = late.clone();
                self.report_late(index.span, &late, Stage::Build, "a place in a list or object");
                Value::error(span)
            }
            (Data::Late(late), Data::String(key)) => self.extend(late, Segment::Key(key.clone()), index.span, span),
            _ => {
                let what = show::describe_value(&value);
                self.report(Diagnostic::new(&d::NOT_INDEXABLE, span, &[("found", &what)]));
                Value::error(span)
            }
        }
    }

    fn filter(&mut self, value: &Value, member: &SmolStr, wanted: &Value, span: Span) -> Value {
        match (&value.data, &wanted.data) {
            (_, Data::Error) => Value::error(span),
            (Data::List(items), _) => {
                let found = items.iter().find(|item| {
                    item.get(member).is_some_and(|found| super::operators::equal(found, wanted).unwrap_or(false))
                });
                found.map_or_else(|| Value::none(span), |item| item.clone().at(span))
            }
            (Data::Late(_), Data::Late(late)) => {
                let late = late.clone();
                self.report_late(wanted.span, &late, Stage::Build, "what an element is picked by");
                Value::error(span)
            }
            (Data::Late(late), Data::String(text)) => {
                self.extend(late, Segment::Where(member.clone(), text.clone()), span, span)
            }
            _ => {
                let what = show::describe_value(value);
                self.report(Diagnostic::new(&d::NOT_INDEXABLE, span, &[("found", &what)]));
                Value::error(span)
            }
        }
    }

    pub(crate) fn object(&mut self, object: &Object, scope: &Scope<'_>, span: Span) -> Value {
        self.object_without(object, &[], scope, span)
    }

    /// An object without some of the members that are written in it.
    pub(crate) fn object_without(
        &mut self,
        object: &Object,
        omitted: &[SmolStr],
        scope: &Scope<'_>,
        span: Span,
    ) -> Value {
        let mut entries: Vec<Entry> = Vec::with_capacity(object.entries.len());
        // What a spread brought gives way to what is written after it.
        let mut spread: Vec<SmolStr> = Vec::new();
        for entry in &object.entries {
            let key = match &entry.kind {
                EntryKind::Field { key, .. } if omitted.contains(&key.text) => continue,
                EntryKind::Field { key, .. } => Some(&key.text),
                EntryKind::Shorthand(name) => Some(&name.text),
                _ => None,
            };
            if let Some(at) = key.and_then(|key| spread.iter().position(|other| other == key)) {
                let key = spread.swap_remove(at);
                entries.retain(|entry| entry.key != key);
            }
            match &entry.kind {
                EntryKind::Field { key, value } => {
                    let value = self.evaluate(value, scope);
                    self.enter(&mut entries, key.text.clone(), key.span, value, true);
                }
                EntryKind::Shorthand(name) => {
                    let value = self.name(&name.text, name.span, scope);
                    self.note(name.span, &value);
                    self.enter(&mut entries, name.text.clone(), name.span, value, true);
                }
                EntryKind::Computed { key, value } => {
                    let key_value = self.evaluate(key, scope);
                    let value = self.evaluate(value, scope);
                    if let Some(text) = self.key_text(&key_value) {
                        self.enter(&mut entries, text, key.span, value, true);
                    }
                }
                EntryKind::Spread(expression) => {
                    let value = self.evaluate(expression, scope);
                    self.spread(&mut entries, &value, expression.span);
                    if let Data::Object(object) = &value.data {
                        spread.extend(object.entries.iter().map(|entry| entry.key.clone()));
                    }
                }
                EntryKind::Comprehension { clause, key, value } => {
                    let mut found: Vec<(Value, Value)> = Vec::new();
                    let ok = self.each_item(clause, scope, &mut |this, inner| {
                        let key = this.evaluate(key, inner);
                        let value = this.evaluate(value, inner);
                        found.push((key, value));
                    });
                    match ok {
                        Ok(()) => {}
                        Err(Later::Wrong) => return Value::error(span),
                        Err(Later::List { list: later, .. } | Later::Condition(later)) => {
                            return self.operation("for", vec![later], Type::Any, span);
                        }
                    }
                    for (key, value) in found {
                        if let Some(text) = self.key_text(&key) {
                            let key_span = if key.span.file == value.span.file { key.span } else { value.span };
                            self.enter(&mut entries, text, key_span, value, false);
                        }
                    }
                }
                EntryKind::Typed(field) => {
                    let place = field.type_.as_ref().map_or(field.span, |type_| type_.span);
                    let key = &field.name.text;
                    let text = self.modules.sources.text(place).to_owned();
                    let found = Diagnostic::new(&d::TYPE_FOR_VALUE, field.span, &[("key", key)]);
                    let between = Span { start: field.name.span.end, end: place.start, ..place };
                    self.report(found.fix(format!("Write `{key} = {text}`"), between, " = "));
                    self.enter(&mut entries, key.clone(), field.name.span, Value::error(place), true);
                }
                EntryKind::Error => {}
            }
        }
        Value::object(Class::Plain, entries, span)
    }

    fn enter(&mut self, entries: &mut Vec<Entry>, key: SmolStr, key_span: Span, value: Value, report: bool) {
        let found = if entries.len() > 24 {
            entries.iter().rposition(|entry| entry.key == key)
        } else {
            entries.iter().position(|entry| entry.key == key)
        };
        match found {
            Some(index) if entries[index].unchecked || !report || entries[index].key_span.file != key_span.file => {
                entries[index].value = value;
            }
            Some(index) => {
                let found = Diagnostic::new(&d::KEY_TWICE, key_span, &[("key", &key)])
                    .related(entries[index].key_span, "the first time");
                self.report(found);
            }
            None => entries.push(Entry { key, key_span, value, unchecked: false }),
        }
    }

    /// `...value`: entries of an object; what stands already is replaced.
    pub(crate) fn spread(&mut self, entries: &mut Vec<Entry>, value: &Value, span: Span) {
        match &value.data {
            Data::Object(object) if object.class == Class::Plain => {
                for entry in &object.entries {
                    match entries.iter_mut().find(|other| other.key == entry.key) {
                        // What an object may hold and does not takes nothing away.
                        Some(_) if entry.value.is_none() => {}
                        Some(other) => *other = entry.clone(),
                        None => entries.push(entry.clone()),
                    }
                }
            }
            Data::None | Data::Error => {}
            _ => {
                let found = show::describe_value(value);
                self.report(Diagnostic::new(&d::BAD_SPREAD, span, &[("found", &found), ("wanted", &"an object")]));
            }
        }
    }

    fn key_text(&mut self, key: &Value) -> Option<SmolStr> {
        match &key.data {
            Data::String(text) => Some(text.clone()),
            Data::Int(number) => Some(number.to_string().into()),
            Data::Error => None,
            Data::Late(late) => {
                let late = late.clone();
                self.report_late(key.span, &late, Stage::Build, "a key");
                None
            }
            _ => {
                let found = show::describe_value(key);
                self.report(Diagnostic::new(&d::BAD_KEY, key.span, &[("found", &found)]));
                None
            }
        }
    }

    fn list(&mut self, elements: &[Element], scope: &Scope<'_>, span: Span) -> Value {
        let mut items = Vec::with_capacity(elements.len());
        // Lists that are known later, with what stands before each.
        let mut parts: Vec<Value> = Vec::new();
        for element in elements {
            let value = self.evaluate(&element.value, scope);
            if !element.spread {
                if !value.is_none() {
                    items.push(value);
                }
                continue;
            }
            match &value.data {
                Data::List(more) => items.extend(more.iter().cloned()),
                Data::None => {}
                Data::Error => return Value::error(span),
                Data::Late(_) => {
                    parts.append(&mut items);
                    parts.push(value.clone());
                }
                _ => {
                    let found = show::describe_value(&value);
                    let place = element.value.span;
                    self.report(Diagnostic::new(&d::BAD_SPREAD, place, &[("found", &found), ("wanted", &"a list")]));
                }
            }
        }
        if !parts.is_empty() {
            parts.extend(items);
            return self.operation("list", parts, Type::List(Arc::new(Type::Any)), span);
        }
        Value::list(items, span)
    }

    pub(crate) fn expect_bool(&mut self, value: &Value, word: &str) {
        if !value.is_error() {
            let found = show::describe_value(value);
            self.report(Diagnostic::new(&d::NOT_A_CONDITION, value.span, &[("word", &word), ("found", &found)]));
        }
    }

    /// An operation that is left for run time (or deployment), of the latest stage of its operands.
    pub(crate) fn operation(&mut self, name: &str, operands: Vec<Value>, type_: Type, span: Span) -> Value {
        if operands.iter().any(Value::is_error) {
            return Value::error(span);
        }
        let latest: Option<Arc<Late>> =
            operands.iter().filter_map(Value::latest).max_by_key(|late| late.stage).cloned();
        match latest {
            Some(late) => Value::late(
                LateKind::Operation { name: name.into(), operands },
                type_,
                late.stage,
                late.because.clone(),
                span,
            ),
            None => Value::error(span),
        }
    }

    pub(crate) fn arguments(&mut self, arguments: &[Argument], scope: &Scope<'_>) -> Vec<(Option<Name>, Value)> {
        arguments.iter().map(|argument| (argument.name.clone(), self.evaluate(&argument.value, scope))).collect()
    }
}

/// Whether a path starts at a local name, such as a field of a kind.
fn starts_local(expression: &Expression, scope: &Scope<'_>) -> bool {
    match &*expression.kind {
        ExpressionKind::Name(name) => scope.local(name).is_some(),
        ExpressionKind::Member { base, .. } | ExpressionKind::Index { base, .. } => starts_local(base, scope),
        _ => false,
    }
}

fn push_part(parts: &mut Vec<Value>, value: Value, separator: &str) {
    // Adjacent known parts become one, so that equal texts give equal output however they were put together.
    if let Some(last) = parts.last_mut()
        && is_scalar(last)
        && is_scalar(&value)
    {
        let (before, after) = (scalar_text(last).unwrap_or_default(), scalar_text(&value).unwrap_or_default());
        *last = Value::string(before + separator + &after, last.span);
        return;
    }
    if separator.is_empty() && matches!(&value.data, Data::String(text) if text.is_empty()) {
        return;
    }
    parts.push(value);
}

/// Whether [`scalar_text`] has a text for a value.
fn is_scalar(value: &Value) -> bool {
    matches!(
        value.data,
        Data::String(_)
            | Data::Int(_)
            | Data::Float(_)
            | Data::Bool(_)
            | Data::Duration(_)
            | Data::Size(_)
            | Data::Percent(_)
    )
}

/// A known scalar as text.
pub(crate) fn scalar_text(value: &Value) -> Option<String> {
    match &value.data {
        Data::String(text) => Some(text.to_string()),
        Data::Int(number) => Some(number.to_string()),
        Data::Float(value) => Some(show::number(*value)),
        Data::Bool(value) => Some(value.to_string()),
        Data::Duration(value) => Some(show::duration(*value)),
        Data::Size(value) => Some(show::size(*value)),
        Data::Percent(value) => Some(format!("{}%", show::number(*value))),
        Data::Error | Data::None | Data::Null | Data::List(_) | Data::Object(_) | Data::Late(_) | Data::Function(_) => {
            None
        }
    }
}
