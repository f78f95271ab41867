//! What stands under the cursor, in words: type, stage, value, what the service receives, documentation.

use smol_str::SmolStr;

use super::analysis::{Analysis, Cursor, FieldInfo, Place, Word, open_fields};
use super::context::{Context, Frame, Shape, Spot};
use super::document::Part;
use super::index::{Application, Definition, DefinitionKind, Reference, Way};
use super::show;
use crate::evaluate::KindInfo;
use crate::evaluate::incremental::built_ins;
use crate::source::Span;
use crate::syntax::tree::{EntryKind, Expression, ExpressionKind, Object};
use crate::syntax::{TokenKind, tokens};
use crate::types::{Data, Type, Value, show as words};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    pub place: Place,
    /// Markdown.
    pub text: String,
}

impl Analysis {
    /// What is known of the word at an offset.
    pub fn hover(&self, path: &str, offset: u32) -> Option<Hover> {
        let cursor = self.cursor(path, offset)?;
        let part = cursor.part();
        let index = self.index(part);
        if let Some(word) = self.word_at(index, cursor.offset) {
            let text = match &word {
                Word::Reference(reference) => self.hover_reference(part, reference),
                Word::Definition(definition) => Some(self.hover_definition(part, definition)),
            };
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                return Some(Hover { place: self.place(word.span())?, text });
            }
        }
        self.hover_token(&cursor)
    }

    fn hover_reference(&self, part: &Part, reference: &Reference) -> Option<String> {
        let index = self.index(part);
        match &reference.way {
            Way::Callee | Way::Base => {
                let info = self.kind(self.applicable(part.id, &reference.name)?)?;
                Some(kind_text(&info))
            }
            Way::Key { application, path } => {
                let application = &index.applications[*application];
                let mut keys = path.clone();
                keys.push(reference.name.clone());
                let field = self.field(part, application, &keys)?;
                let mut text = show::field(&field);
                if let Some(default) = &field.default {
                    let written = self.source_text(default.span);
                    if !written.is_empty() && written.len() < 80 {
                        text.push_str(&format!("\n\nDefault: `{written}`"));
                    }
                }
                if let Some(value) = key_value(&application.body, &keys).and_then(|value| self.value(value.span)) {
                    push_value(&mut text, value);
                }
                if let Some(received) = self.received(part, application, &keys) {
                    text.push_str(&format!("\n\n{received}"));
                }
                Some(text)
            }
            Way::Type { .. } => match self.resolve(part, reference) {
                Some(target) => {
                    let (other, definition) = self.definition_at(target)?;
                    Some(self.hover_definition(&other, &definition))
                }
                None => {
                    let (name, _, about) = show::TYPES.iter().find(|(name, ..)| *name == reference.name)?;
                    Some(format!("```mlflow\n{name}\n```\n\nA type: {about}."))
                }
            },
            Way::Name { .. } | Way::Member { .. } | Way::Imported { .. } | Way::Argument { .. } => {
                let value = self.value_of_word(part, &Word::Reference(reference));
                let target = self.resolve(part, reference);
                let definition = target.and_then(|target| self.definition_at(target));
                match (definition, value) {
                    (Some((other, definition)), value) => {
                        let value = value.or_else(|| self.value(definition.span));
                        Some(self.described(&other, &definition, value))
                    }
                    (None, Some(value)) if value.is_error() && target.is_none() => None,
                    (None, Some(value)) => {
                        let mut text = match target {
                            Some(target) => self.library_text(target, &reference.name, value),
                            None => format!("```mlflow\n{}: {}\n```", reference.name, show::value_type(value)),
                        };
                        push_built_in(&mut text, &reference.name);
                        push_value(&mut text, value);
                        Some(text)
                    }
                    (None, None) => {
                        let mut text = String::new();
                        if let Some(target) = target.and_then(|target| self.declaration_at(target)) {
                            text = format!("```mlflow\n{}\n```", head(&self.source_text(target.span)));
                            if let Some(doc) = &target.doc {
                                text.push_str(&format!("\n\n{}", doc.text));
                            }
                        } else {
                            push_built_in(&mut text, &reference.name);
                        }
                        Some(text)
                    }
                }
            }
        }
    }

    fn library_text(&self, target: Span, name: &SmolStr, value: &Value) -> String {
        match self.declaration_at(target) {
            Some(declaration) => {
                let mut text = format!("```mlflow\n{}\n```", head(&self.source_text(declaration.span)));
                if let Some(doc) = &declaration.doc {
                    text.push_str(&format!("\n\n{}", doc.text));
                }
                text
            }
            None => format!("```mlflow\n{name}: {}\n```", show::value_type(value)),
        }
    }

    fn hover_definition(&self, part: &Part, definition: &Definition) -> String {
        self.described(part, definition, self.value(definition.span))
    }

    fn described(&self, part: &Part, definition: &Definition, value: Option<&Value>) -> String {
        let index = self.index(part);
        let whole = self.source_text(definition.whole);
        let first = match definition.kind {
            DefinitionKind::Loop => match value {
                Some(value) => format!("{}: {}", definition.name, show::value_type(value)),
                None => definition.name.to_string(),
            },
            DefinitionKind::Schema | DefinitionKind::Type => limited(&whole, 24),
            _ => head(&whole),
        };
        let mut text = format!("```mlflow\n{first}\n```");
        if let Some(doc) = &definition.doc {
            text.push_str(&format!("\n\n{}", doc.text));
        }
        if let Some(value) = value {
            let shown = show::value_type(value);
            if !matches!(definition.kind, DefinitionKind::Loop | DefinitionKind::Function)
                && !shown.is_empty()
                && shown != "step"
            {
                text.push_str(&format!("\n\nType: `{shown}`"));
            }
            push_value(&mut text, value);
        }
        if let Some(application) = definition.application.map(|id| &index.applications[id])
            && let Some(info) = self.application_kind(part, application)
        {
            if let Some(doc) = info.kind.own().doc.as_ref() {
                let line = doc.text.lines().next().unwrap_or_default();
                text.push_str(&format!("\n\n`{}`: {line}", info.kind.name));
            }
            if let Some(call) = self.call_path(&info) {
                text.push_str(&format!("\n\nCalls `{call}`."));
            }
            let results: Vec<SmolStr> = value
                .map(super::completion::members_of)
                .unwrap_or_default()
                .into_iter()
                .map(|(name, _)| name)
                .collect();
            if !results.is_empty() && results.len() < 12 {
                text.push_str(&format!(
                    "\n\nGives {}.",
                    crate::diagnostics::list_of(results.iter().map(SmolStr::as_str))
                ));
            }
        }
        if matches!(definition.kind, DefinitionKind::Kind | DefinitionKind::Component)
            && let Some(info) = self.names.find(part.id, &definition.name).and_then(|global| self.kind(global))
        {
            return kind_text(&info);
        }
        text
    }

    fn call_path(&self, info: &KindInfo) -> Option<String> {
        Some(self.source_text(info.kind.call()?.path.span)).filter(|text| !text.is_empty())
    }

    /// Where in the request of a kind a field ends up.
    fn received(&self, part: &Part, application: &Application, keys: &[SmolStr]) -> Option<String> {
        let info = self.application_kind(part, application)?;
        let call = info.kind.call()?;
        let field = keys.first()?;
        let mut paths: Vec<String> = Vec::new();
        members_with(&call.request, field, "", &mut paths);
        paths.dedup();
        if paths.is_empty() {
            return None;
        }
        let operation = self.source_text(call.path.span);
        let operation = operation.rsplit('.').next().unwrap_or_default().to_owned();
        let shown: Vec<String> = paths.iter().take(4).map(|path| format!("`{path}`")).collect();
        Some(format!("AWS receives it as {} of `{operation}`.", shown.join(", ")))
    }

    fn hover_token(&self, cursor: &Cursor<'_>) -> Option<Hover> {
        let text = cursor.part().text();
        let list = tokens(text);
        let offset = cursor.offset as usize;
        let token = list
            .iter()
            .rev()
            .find(|token| token.start <= offset && offset <= token.end && token.kind != TokenKind::Newline)?;
        let word = token.text(text);
        let place = self.place(Span::new(cursor.part().id, token.start, token.end))?;
        let mut at_end = cursor.clone();
        at_end.offset = token.end as u32;
        match token.kind {
            TokenKind::Word => {
                let context = Context::new(&at_end);
                if let Spot::Member { path } = &context.spot
                    && path.first().is_some_and(|first| first == "aws")
                {
                    let mut full = path.clone();
                    full.push(word.into());
                    return Some(Hover { place, text: self.api_text(&full)? });
                }
                let shape = self.shape(cursor.part().id, &context.frames);
                if let (Shape::Api { service, shape }, Spot::Start) = (&shape, &context.spot) {
                    let found = self.options.facts.service(service)?;
                    let structure = found.shape(*shape);
                    let member = structure.member(word)?;
                    let inner = found.shape(member.shape);
                    let needed = if member.required { "\n\nRequired." } else { "" };
                    let text = format!(
                        "```mlflow\n{word}: {}\n```\n\nMember of `{}`.{needed}",
                        show::api_type(inner),
                        structure.name
                    );
                    return Some(Hover { place, text });
                }
                let about = keyword(word, context.frames.last())?;
                Some(Hover { place, text: format!("`{word}`: {about}") })
            }
            TokenKind::Text => {
                let context =
                    Context::new(&Cursor { offset: cursor.offset.max(token.start as u32 + 1), ..cursor.clone() });
                let shape = self.shape(cursor.part().id, &context.frames);
                let Spot::Value { key } = &context.spot else { return None };
                let Shape::Type(type_) = self.key_shape(&shape, key) else { return None };
                let value = word.trim_matches('"');
                match type_.required() {
                    Type::Instance(job) => {
                        let facts = self.options.facts.instance(value)?;
                        Some(Hover {
                            place,
                            text: format!("`{value}`: {}. An instance type for {job} jobs.", show::instance(&facts)),
                        })
                    }
                    Type::Literals(_) => Some(Hover { place, text: format!("One of {}", words::describe(&type_)) }),
                    _ => None,
                }
            }
            TokenKind::Number => {
                let span = Span::new(cursor.part().id, token.start, token.end);
                let value = self.value(span)?;
                let more = match value.data {
                    Data::Duration(amount) => format!("{} seconds", words::number(amount as f64 / 1e6)),
                    Data::Size(bytes) => format!("{bytes} bytes"),
                    _ => return None,
                };
                Some(Hover { place, text: format!("`{word}`: {more}") })
            }
            _ => None,
        }
    }

    fn api_text(&self, path: &[SmolStr]) -> Option<String> {
        match path {
            [_, service] => {
                let found = self.options.facts.service(service)?;
                Some(format!("AWS service `{service}` ({}), API version {}.", found.service_id(), found.api_version()))
            }
            [_, service, operation] => {
                let found = self.options.facts.service(service)?;
                let operation = found.operation(operation)?;
                let mut text = format!("```mlflow\naws.{service}.{}\n```", operation.name);
                if let Some(input) = operation.input {
                    let shape = found.shape(input);
                    let required: Vec<&str> = shape.required().map(SmolStr::as_str).collect();
                    if !required.is_empty() {
                        text.push_str(&format!("\n\nRequired: {}.", crate::diagnostics::list_of(required)));
                    }
                }
                if operation.deprecated {
                    text.push_str("\n\nDeprecated.");
                }
                Some(text)
            }
            _ => None,
        }
    }
}

/// A kind as an application sees it.
fn kind_text(info: &KindInfo) -> String {
    let kind = &info.kind;
    let own = kind.own();
    let parameters: Vec<String> = kind
        .parameters
        .iter()
        .zip(&info.parameters)
        .map(|(field, type_)| format!("{}: {}", field.name.text, show::type_(type_)))
        .collect();
    let parameters = if parameters.is_empty() { String::new() } else { format!("({})", parameters.join(", ")) };
    let base = own.base.as_ref().map(|base| format!(" is {}", base.text)).unwrap_or_default();
    let roles: Vec<&str> = kind.roles.iter().map(|role| role.text.as_str()).collect();
    let roles = if roles.is_empty() { String::new() } else { format!(" for {}", roles.join(", ")) };
    let word = if own.is_component { "component" } else { "kind" };
    let mut text = format!("```mlflow\n{word} {}{parameters}{base}{roles}\n```", kind.name);
    if let Some(doc) = &own.doc {
        text.push_str(&format!("\n\n{}", doc.text));
    }
    let fields = open_fields(info);
    let needed: Vec<&FieldInfo> = fields.iter().filter(|field| field.required).collect();
    if !needed.is_empty() {
        text.push_str(&format!("\n\nNeeds {}.", crate::diagnostics::list_of(needed.iter().map(|f| f.name.as_str()))));
    }
    let engines = kind.engines();
    if !engines.is_empty() {
        text.push_str(&format!("\n\nRuns on {}.", crate::diagnostics::list_of(engines.iter().map(SmolStr::as_str))));
    }
    text
}

fn push_value(text: &mut String, value: &Value) {
    if let Some(literal) = show::literal(value)
        && !matches!(value.data, Data::None)
    {
        text.push_str(&format!("\n\nValue: `{literal}`"));
    }
    match value.latest() {
        Some(late) => {
            text.push_str(&format!("\n\n{}", show::stage_note(late.stage)));
            if !late.because.text.is_empty() {
                text.push_str(&format!(" Because {}.", late.because.text));
            }
        }
        None if !matches!(value.data, Data::Error | Data::Function(_))
            && !matches!(&value.data, Data::Object(object) if matches!(object.class, crate::types::Class::Step(_))) =>
        {
            text.push_str(&format!("\n\n{}", show::stage_note(value.stage())));
        }
        None => {}
    }
}

fn push_built_in(text: &mut String, name: &str) {
    if let Some((_, parameters, required, doc)) = built_ins().find(|(other, ..)| *other == name) {
        let shown: Vec<String> = parameters
            .iter()
            .enumerate()
            .map(|(index, parameter)| if index < required { (*parameter).to_owned() } else { format!("{parameter}?") })
            .collect();
        *text = format!("```mlflow\n{name}({})\n```\n\n{doc}", shown.join(", "));
    }
}

/// The first line of a declaration, without its body.
fn head(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim_end();
    line.trim_end_matches('{').trim_end().to_owned()
}

fn limited(text: &str, lines: usize) -> String {
    let mut shown: Vec<&str> = text.lines().take(lines).collect();
    if text.lines().count() > lines {
        shown.push("…");
    }
    shown.join("\n")
}

/// The value that an object gives under a path of keys.
pub(super) fn key_value<'o>(object: &'o Object, keys: &[SmolStr]) -> Option<&'o Expression> {
    let (first, rest) = keys.split_first()?;
    let value = object.entries.iter().find_map(|entry| match &entry.kind {
        EntryKind::Field { key, value } if key.text == *first => Some(value),
        _ => None,
    })?;
    match (&*value.kind, rest) {
        (_, []) => Some(value),
        (ExpressionKind::Object(inner), rest) => key_value(inner, rest),
        _ => None,
    }
}

/// The paths of members whose values name a field.
fn members_with(object: &Object, field: &str, path: &str, found: &mut Vec<String>) {
    for entry in &object.entries {
        match &entry.kind {
            EntryKind::Field { key, value } => {
                let path = if path.is_empty() { key.text.to_string() } else { format!("{path}.{}", key.text) };
                expression_with(value, field, &path, found);
            }
            EntryKind::Shorthand(name) if name.text == field => {
                found.push(if path.is_empty() { name.text.to_string() } else { format!("{path}.{}", name.text) });
            }
            _ => {}
        }
    }
}

fn expression_with(value: &Expression, field: &str, path: &str, found: &mut Vec<String>) {
    match &*value.kind {
        ExpressionKind::Object(inner) => members_with(inner, field, path, found),
        ExpressionKind::If { then, .. } if matches!(&*then.kind, ExpressionKind::Object(_)) => {
            expression_with(then, field, path, found);
        }
        _ => {
            let mut is_named = false;
            crate::evaluate::walk_names(value, &mut |name, members| {
                is_named |= name == field || (name == "self" && members.first().is_some_and(|first| first == field));
            });
            if is_named {
                found.push(path.to_owned());
            }
        }
    }
}

/// What a word of the language is for.
fn keyword(word: &str, frame: Option<&Frame>) -> Option<&'static str> {
    if !matches!(frame, Some(Frame::File | Frame::Block(_)) | None) {
        return match word {
            "if" | "then" | "else" => Some("gives one of two values; without `else` it may give `none`."),
            "none" => Some("nothing: drops a key or element, and means the default for a field."),
            "null" => Some("JSON's null."),
            "for" => Some("a comprehension: `[for x in xs if c: e]`, `{for k, v in m: [k] = e}`."),
            _ => None,
        };
    }
    Some(match word {
        "project" => "region, artefact bucket, network, key, tags and defaults for steps.",
        "import" => "brings names of another file.",
        "schema" => "a record of columns.",
        "type" => "a name for a type.",
        "config" => "a value fixed when the file is built: `--set name=value`.",
        "let" => "a name for a value, of any stage.",
        "param" => "a value given when an execution starts.",
        "source" => "where data lives.",
        "transform" => "a step that prepares or scores data.",
        "train" => "a step that trains a model.",
        "tune" => "a step that searches for the best model.",
        "evaluate" => "a step that measures.",
        "register" => "a step that enters a model in a registry.",
        "deploy" => "a step that puts a model to work.",
        "notify" => "a step that tells somebody.",
        "step" => "a step of any kind.",
        "trigger" => "what starts the workflow.",
        "monitor" => "something that watches, deployed once.",
        "serve" => "something that answers, deployed once.",
        "studio" => "a place to work in, deployed once.",
        "resource" => "something deployed once with the project.",
        "workflow" => "steps that run together; order comes from data.",
        "component" => "a reusable group of steps, used like a kind.",
        "kind" => "a kind of step, source or resource: fields, call, and how engines run it.",
        "machine" => "a state machine, written state by state.",
        "pipeline" => "a pipeline, written step by step.",
        "when" => "runs its steps only if the condition holds. One known at build is folded.",
        "else" => "what runs otherwise.",
        "for" => "unrolled when the file is built.",
        "each" => "a loop while an execution runs.",
        "try" => "steps whose failures are handled.",
        "on" => "what is done about a failure.",
        "fail" => "ends the execution as failed; runs last in its scope.",
        "output" => "what others see of a component.",
        "moved" => "keeps the identity of a step across a renaming.",
        "call" => "the request that the kind sends, checked against the service's model.",
        "run" => "how an engine runs the kind.",
        "check" => "a rule of the kind.",
        "if" | "then" => "gives one of two values.",
        _ => return None,
    })
}
