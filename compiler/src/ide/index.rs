//! What one part of a file defines and refers to, by its tree alone: scopes, definitions, references, applications of
//! kinds and their keys. It must not look beyond the part.

use smol_str::SmolStr;

use crate::source::Span;
use crate::syntax::tree::{
    Argument, Binding, Block, Constraint, Declaration, DeclarationKind, Doc, Entry, EntryKind, Expression,
    ExpressionKind, Field, ForClause, Name, Object, StringOrName, StringPart, TypeExpression, TypeExpressionKind,
};

/// What a definition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefinitionKind {
    Project,
    Config,
    Parameter,
    Let,
    Function,
    Binding(Binding),
    Workflow,
    Component,
    Kind,
    Machine,
    Pipeline,
    Test,
    Schema,
    Type,
    /// A field of a kind or component.
    Field,
    /// A column of a schema or a member of a record.
    Column,
    /// An argument of a function or kind.
    Argument,
    /// The name of a loop, a comprehension or a failure.
    Loop,
    /// An entry of `out { }`.
    Result,
    /// `output` of a component.
    Output,
    /// A state or step of a raw form.
    Raw,
    /// What a `when`, `for`, `try` holds; it has no name.
    Control,
    Import,
}

#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) name: SmolStr,
    pub(crate) span: Span,
    pub(crate) whole: Span,
    pub(crate) kind: DefinitionKind,
    pub(crate) doc: Option<Doc>,
    /// The definition that holds it, for outlines.
    pub(crate) parent: Option<usize>,
    /// The application it is declared by.
    pub(crate) application: Option<usize>,
}

/// How a word refers to something.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    /// A value by its name; `shorthand` where it is a key too: `{ a }`.
    Name { shorthand: bool },
    /// The kind that is applied.
    Callee,
    /// A type, by the path before its last name.
    Type { path: Vec<Name> },
    /// `base.name`
    Member { base: Expression },
    /// A key in an application, by the keys around it.
    Key { application: usize, path: Vec<SmolStr> },
    /// A named argument.
    Argument { callee: Expression },
    /// A name in an import of this path.
    Imported { path: Expression },
    /// The base of a kind.
    Base,
}

#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) name: SmolStr,
    pub(crate) span: Span,
    pub(crate) way: Way,
    pub(crate) scope: usize,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) parent: Option<usize>,
    pub(crate) span: Span,
    pub(crate) names: Vec<usize>,
    /// Whether its names are seen around it too: the branch of a `when`.
    pub(crate) leaks: bool,
}

/// An application of a kind.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub(crate) callee: Callee,
    pub(crate) body: Object,
    pub(crate) span: Span,
    /// The word of the declaration; none for an instance.
    pub(crate) word: Option<Binding>,
    pub(crate) name: Option<Name>,
}

#[derive(Clone, Debug)]
pub(crate) enum Callee {
    Written(Expression),
    /// Settings whose kind the language names.
    Known(&'static str),
}

#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) definitions: Vec<Definition>,
    pub(crate) references: Vec<Reference>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) applications: Vec<Application>,
}

impl Index {
    pub(crate) fn new(declarations: &[Declaration], whole: Span) -> Index {
        let mut builder = Builder { index: Index::default(), scope: 0, parent: None, keys: None };
        builder.index.scopes.push(Scope { parent: None, span: whole, names: Vec::new(), leaks: false });
        declarations.iter().for_each(|declaration| builder.declaration(declaration, true));
        builder.index
    }

    /// The definition that a name means in a scope, as far as this part has it.
    pub(crate) fn lookup(&self, scope: usize, name: &str) -> Option<usize> {
        let mut at = Some(scope);
        while let Some(id) = at {
            let here = &self.scopes[id];
            let own = here.names.iter().rev().find(|definition| self.definitions[**definition].name == name);
            if let Some(found) = own.copied().or_else(|| self.leaked(id, name)) {
                return Some(found);
            }
            at = here.parent;
        }
        None
    }

    fn leaked(&self, scope: usize, name: &str) -> Option<usize> {
        let inner = self.scopes.iter().enumerate().filter(|(_, inner)| inner.parent == Some(scope) && inner.leaks);
        inner
            .filter_map(|(id, inner)| {
                let own = inner.names.iter().find(|definition| self.definitions[**definition].name == name);
                own.copied().or_else(|| self.leaked(id, name))
            })
            .next()
    }

    /// The innermost scope at an offset.
    pub(crate) fn scope_at(&self, offset: u32) -> usize {
        let holds = self.scopes.iter().enumerate().filter(|(_, scope)| scope.span.contains(offset));
        holds.min_by_key(|(id, scope)| (scope.span.end - scope.span.start, usize::MAX - id)).map_or(0, |(id, _)| id)
    }

    /// All names that are seen from a scope, nearest first.
    pub(crate) fn visible(&self, scope: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut at = Some(scope);
        while let Some(id) = at {
            found.extend(self.scopes[id].names.iter().copied());
            self.leaking(id, &mut found);
            at = self.scopes[id].parent;
        }
        found
    }

    fn leaking(&self, scope: usize, found: &mut Vec<usize>) {
        for (id, inner) in self.scopes.iter().enumerate() {
            if inner.parent == Some(scope) && inner.leaks {
                let new: Vec<usize> = inner.names.iter().copied().filter(|name| !found.contains(name)).collect();
                found.extend(new);
                self.leaking(id, found);
            }
        }
    }
}

struct Builder {
    index: Index,
    scope: usize,
    parent: Option<usize>,
    /// The application whose keys are read, and the keys around the present place.
    keys: Option<(usize, Vec<SmolStr>)>,
}

impl Builder {
    fn define(&mut self, name: &Name, whole: Span, kind: DefinitionKind, doc: Option<&Doc>, seen: bool) -> usize {
        self.index.definitions.push(Definition {
            name: name.text.clone(),
            span: name.span,
            whole,
            kind,
            doc: doc.cloned(),
            parent: self.parent,
            application: None,
        });
        let id = self.index.definitions.len() - 1;
        if seen {
            self.index.scopes[self.scope].names.push(id);
        }
        id
    }

    fn refer(&mut self, name: &SmolStr, span: Span, way: Way) {
        if name.starts_with('\u{1}') {
            return;
        }
        self.index.references.push(Reference { name: name.clone(), span, way, scope: self.scope });
    }

    fn inside(&mut self, span: Span, leaks: bool, parent: Option<usize>, work: impl FnOnce(&mut Builder)) {
        self.index.scopes.push(Scope { parent: Some(self.scope), span, names: Vec::new(), leaks });
        let before = (self.scope, self.parent, self.keys.take());
        self.scope = self.index.scopes.len() - 1;
        self.parent = parent.or(self.parent);
        work(self);
        (self.scope, self.parent, self.keys) = before;
    }

    fn block(&mut self, block: &Block, whole: Span, leaks: bool, parent: Option<usize>) {
        let span = block.span.unwrap_or(whole);
        self.inside(span, leaks, parent, |inner| {
            // Names are seen from anywhere in their block, also before they are declared.
            block.declarations.iter().for_each(|declaration| inner.declaration(declaration, false));
        });
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each declaration")]
    fn declaration(&mut self, declaration: &Declaration, top: bool) {
        use DefinitionKind as Is;
        let whole = declaration.span;
        let doc = declaration.doc.as_ref();
        let seen = !top;
        match &declaration.kind {
            DeclarationKind::Project { name, body } => {
                self.define(name, whole, Is::Project, doc, false);
                self.settings("project_settings", body, whole);
            }
            DeclarationKind::Import { names, whole: namespace, path } => {
                for imported in names {
                    let way = Way::Imported { path: path.clone() };
                    self.refer(&imported.name.text, imported.name.span, way);
                    if let Some(alias) = &imported.alias {
                        self.define(alias, whole, Is::Import, None, false);
                    }
                }
                if let Some(namespace) = namespace {
                    self.define(namespace, whole, Is::Import, None, false);
                }
            }
            DeclarationKind::Schema { name, fields } => {
                let id = self.define(name, whole, Is::Schema, doc, false);
                self.fields(fields, Is::Column, Some(id));
            }
            DeclarationKind::Type { name, value } => {
                let id = self.define(name, whole, Is::Type, doc, false);
                let before = self.parent.replace(id);
                self.type_(value);
                self.parent = before;
            }
            DeclarationKind::Config { name, type_, default } | DeclarationKind::Param { name, type_, default } => {
                let is_param = matches!(declaration.kind, DeclarationKind::Param { .. });
                self.define(name, whole, if is_param { Is::Parameter } else { Is::Config }, doc, seen);
                type_.iter().for_each(|type_| self.type_(type_));
                default.iter().for_each(|default| self.expression(default));
            }
            DeclarationKind::Let { name, parameters, type_, value } => {
                let kind = if parameters.is_some() { Is::Function } else { Is::Let };
                let id = self.define(name, whole, kind, doc, seen);
                type_.iter().for_each(|type_| self.type_(type_));
                match parameters {
                    Some(parameters) => self.inside(whole, false, Some(id), |inner| {
                        inner.parameters(parameters);
                        inner.expression(value);
                    }),
                    None => self.expression(value),
                }
            }
            DeclarationKind::Binding { word, name, type_, value, .. } => {
                let id = self.define(name, whole, Is::Binding(*word), doc, seen);
                type_.iter().for_each(|type_| self.type_(type_));
                let before = self.parent.replace(id);
                match &*value.kind {
                    ExpressionKind::Apply { callee, arguments, body } => {
                        let arguments = arguments.as_deref().unwrap_or(&[]);
                        let application =
                            self.application(callee, arguments, body, value.span, Some(*word), Some(name.clone()));
                        self.index.definitions[id].application = Some(application);
                    }
                    ExpressionKind::Call { callee, arguments } => {
                        let body = Object { entries: Vec::new(), span: Some(value.span.at_end()) };
                        let application =
                            self.application(callee, arguments, &body, value.span, Some(*word), Some(name.clone()));
                        self.index.definitions[id].application = Some(application);
                    }
                    _ => self.expression(value),
                }
                self.parent = before;
            }
            DeclarationKind::Workflow { name, body } => {
                let id = self.define(name, whole, Is::Workflow, doc, seen);
                let settings: Vec<Entry> = body
                    .declarations
                    .iter()
                    .filter_map(|inner| match &inner.kind {
                        DeclarationKind::Setting { name, value }
                            if !matches!(&*value.kind, ExpressionKind::Apply { .. }) =>
                        {
                            let kind = EntryKind::Field { key: name.clone(), value: value.clone() };
                            Some(Entry { doc: None, span: inner.span, kind })
                        }
                        _ => None,
                    })
                    .collect();
                self.block(body, whole, false, Some(id));
                let settings = Object { entries: settings, span: body.span };
                self.settings("workflow_settings", &settings, whole);
            }
            DeclarationKind::Component { name, body, .. } => {
                let id = self.define(name, whole, Is::Component, doc, seen);
                self.block(body, whole, false, Some(id));
            }
            DeclarationKind::Kind { name, parameters, base, body, .. } => {
                let id = self.define(name, whole, Is::Kind, doc, seen);
                if let Some(base) = base {
                    self.refer(&base.text, base.span, Way::Base);
                }
                self.inside(whole, false, Some(id), |inner| {
                    inner.parameters(parameters);
                    body.declarations.iter().for_each(|declaration| inner.declaration(declaration, false));
                });
            }
            DeclarationKind::Machine { name, body } => {
                let id = self.define(name, whole, Is::Machine, doc, seen);
                self.block(body, whole, false, Some(id));
            }
            DeclarationKind::Pipeline { name, body } => {
                let id = self.define(name, whole, Is::Pipeline, doc, seen);
                self.block(body, whole, false, Some(id));
            }
            DeclarationKind::Test { name, body } => {
                let id = self.define(name, whole, Is::Test, doc, seen);
                self.block(body, whole, false, Some(id));
            }
            DeclarationKind::Raw { name, value, .. } => {
                let id = self.define(&plain(name), whole, Is::Raw, doc, false);
                let before = self.parent.replace(id);
                // What stands before the brace is a type of state or step, and no kind.
                match &*value.kind {
                    ExpressionKind::Apply { body, .. } => self.object(body),
                    _ => self.expression(value),
                }
                self.parent = before;
            }
            DeclarationKind::Moved { .. } | DeclarationKind::Error => {}
            DeclarationKind::When { branches, otherwise } => {
                let name = Name { text: "when".into(), span: Span { end: (whole.start + 4).min(whole.end), ..whole } };
                let id = self.define(&name, whole, Is::Control, doc, false);
                for branch in branches {
                    self.expression(&branch.condition);
                    self.block(&branch.body, whole, true, Some(id));
                }
                if let Some(otherwise) = otherwise {
                    self.block(otherwise, whole, true, Some(id));
                }
            }
            DeclarationKind::For { names, iterated, body } | DeclarationKind::Each { names, iterated, body } => {
                let word = if matches!(declaration.kind, DeclarationKind::For { .. }) { "for" } else { "each" };
                let end = (whole.start + word.len() as u32).min(whole.end);
                let name = Name { text: word.into(), span: Span { end, ..whole } };
                let id = self.define(&name, whole, Is::Control, doc, false);
                self.expression(iterated);
                self.inside(body.span.unwrap_or(whole), true, Some(id), |inner| {
                    for name in names {
                        inner.define(name, name.span, Is::Loop, None, true);
                    }
                    body.declarations.iter().for_each(|declaration| inner.declaration(declaration, false));
                });
            }
            DeclarationKind::Fail { message } => self.expression(message),
            DeclarationKind::Try { body } => self.block(body, whole, true, None),
            DeclarationKind::OnFailure { errors, binding, body } => {
                errors.iter().for_each(|error| self.expression(error));
                self.inside(body.span.unwrap_or(whole), false, None, |inner| {
                    if let Some(name) = binding {
                        inner.define(name, name.span, Is::Loop, None, true);
                    }
                    body.declarations.iter().for_each(|declaration| inner.declaration(declaration, false));
                });
            }
            DeclarationKind::Output { name, type_, value } => {
                self.define(name, whole, Is::Output, doc, false);
                type_.iter().for_each(|type_| self.type_(type_));
                self.expression(value);
            }
            DeclarationKind::Field(field) => {
                self.define(&plain(&field.name), field.span, Is::Field, field.doc.as_ref().or(doc), true);
                field.type_.iter().for_each(|type_| self.type_(type_));
                field.default.iter().for_each(|default| self.expression(default));
            }
            // Those of a workflow are read with its settings.
            DeclarationKind::Setting { value, .. } => self.expression(value),
            DeclarationKind::Call { request, .. } => self.object(request),
            DeclarationKind::Run { condition, body, .. } => {
                condition.iter().for_each(|condition| self.expression(condition));
                self.object(body);
            }
            DeclarationKind::Check { condition, message } => {
                self.expression(condition);
                self.expression(message);
            }
            DeclarationKind::Role { service } => self.expression(service),
            DeclarationKind::Allow { body } => self.object(body),
        }
    }

    fn parameters(&mut self, parameters: &[Field]) {
        for field in parameters {
            self.define(&plain(&field.name), field.span, DefinitionKind::Argument, field.doc.as_ref(), true);
            field.type_.iter().for_each(|type_| self.type_(type_));
            field.default.iter().for_each(|default| self.expression(default));
        }
    }

    fn fields(&mut self, fields: &[Field], kind: DefinitionKind, parent: Option<usize>) {
        let before = self.parent;
        self.parent = parent.or(before);
        for field in fields {
            let id = self.define(&plain(&field.name), field.span, kind, field.doc.as_ref(), false);
            let outer = self.parent.replace(id);
            field.type_.iter().for_each(|type_| self.type_(type_));
            self.parent = outer;
            field.default.iter().for_each(|default| self.expression(default));
        }
        self.parent = before;
    }

    fn type_(&mut self, type_: &TypeExpression) {
        match &*type_.kind {
            TypeExpressionKind::Named { path, arguments, constraints } => {
                if let Some((last, before)) = path.split_last() {
                    self.refer(&last.text, last.span, Way::Type { path: before.to_vec() });
                    if let [first, ..] = before {
                        self.refer(&first.text, first.span, Way::Name { shorthand: false });
                    }
                }
                arguments.iter().for_each(|argument| self.type_(argument));
                for constraint in constraints {
                    match constraint {
                        Constraint::Range { low, high, .. } => {
                            low.iter().chain(high).for_each(|end| self.expression(end));
                        }
                        // `instance(training)`: a word, and no name.
                        Constraint::Value(_) => {}
                    }
                }
            }
            TypeExpressionKind::Union(parts) => parts.iter().for_each(|part| self.type_(part)),
            TypeExpressionKind::Optional(inner) => self.type_(inner),
            TypeExpressionKind::Record(fields) => self.fields(fields, DefinitionKind::Column, None),
            TypeExpressionKind::Literal(_) | TypeExpressionKind::Error => {}
        }
    }

    fn settings(&mut self, kind: &'static str, body: &Object, whole: Span) {
        self.index.applications.push(Application {
            callee: Callee::Known(kind),
            body: body.clone(),
            span: whole,
            word: None,
            name: None,
        });
        let id = self.index.applications.len() - 1;
        let before = self.keys.replace((id, Vec::new()));
        // The values of a workflow's settings were read with its block.
        if kind == "workflow_settings" {
            for entry in &body.entries {
                if let EntryKind::Field { key, .. } = &entry.kind {
                    self.key(key);
                }
            }
        } else {
            self.object(body);
        }
        self.keys = before;
    }

    fn application(
        &mut self,
        callee: &Expression,
        arguments: &[Argument],
        body: &Object,
        span: Span,
        word: Option<Binding>,
        name: Option<Name>,
    ) -> usize {
        match &*callee.kind {
            ExpressionKind::Name(text) => self.refer(text, callee.span, Way::Callee),
            _ => self.expression(callee),
        }
        self.arguments(callee, arguments);
        self.index.applications.push(Application {
            callee: Callee::Written(callee.clone()),
            body: body.clone(),
            span,
            word,
            name,
        });
        let id = self.index.applications.len() - 1;
        let before = self.keys.replace((id, Vec::new()));
        self.object(body);
        self.keys = before;
        id
    }

    fn arguments(&mut self, callee: &Expression, arguments: &[Argument]) {
        for argument in arguments {
            if let Some(name) = &argument.name {
                self.refer(&name.text, name.span, Way::Argument { callee: callee.clone() });
            }
            let before = self.keys.take();
            self.expression(&argument.value);
            self.keys = before;
        }
    }

    fn key(&mut self, key: &StringOrName) {
        if let Some((application, path)) = &self.keys {
            let way = Way::Key { application: *application, path: path.clone() };
            self.refer(&key.text, key.span, way);
        }
    }

    fn within_key(&mut self, key: &StringOrName, work: impl FnOnce(&mut Builder)) {
        match &mut self.keys {
            Some((_, path)) => {
                path.push(key.text.clone());
                work(self);
                if let Some((_, path)) = &mut self.keys {
                    path.pop();
                }
            }
            None => work(self),
        }
    }

    fn is_outputs(&self) -> bool {
        self.keys.as_ref().is_some_and(|(_, path)| path.len() == 1 && path[0] == "out")
    }

    fn object(&mut self, object: &Object) {
        let is_outputs = self.is_outputs();
        for entry in &object.entries {
            match &entry.kind {
                EntryKind::Field { key, value } => {
                    if is_outputs {
                        self.define(&plain(key), entry.span, DefinitionKind::Result, entry.doc.as_deref(), false);
                    } else {
                        self.key(key);
                    }
                    self.within_key(key, |inner| inner.expression(value));
                }
                EntryKind::Typed(field) => {
                    self.define(&plain(&field.name), field.span, DefinitionKind::Result, entry.doc.as_deref(), false);
                    let outer = self.parent.replace(self.index.definitions.len() - 1);
                    field.type_.iter().for_each(|type_| self.type_(type_));
                    self.parent = outer;
                    self.within_key(&field.name, |inner| {
                        field.default.iter().for_each(|default| inner.expression(default));
                    });
                }
                EntryKind::Shorthand(name) => self.refer(&name.text, name.span, Way::Name { shorthand: true }),
                EntryKind::Computed { key, value } => {
                    self.expression(key);
                    let any = StringOrName { text: SmolStr::default(), span: key.span, quoted: false };
                    self.within_key(&any, |inner| inner.expression(value));
                }
                EntryKind::Spread(value) => self.expression(value),
                EntryKind::Comprehension { clause, key, value } => self.clause(clause, entry.span, |inner| {
                    inner.expression(key);
                    inner.expression(value);
                }),
                EntryKind::Error => {}
            }
        }
    }

    fn clause(&mut self, clause: &ForClause, span: Span, work: impl FnOnce(&mut Builder)) {
        self.expression(&clause.iterated);
        let keys = self.keys.clone();
        self.inside(span, false, None, |inner| {
            inner.keys = keys;
            for name in &clause.names {
                inner.define(name, name.span, DefinitionKind::Loop, None, true);
            }
            clause.condition.iter().for_each(|condition| inner.expression(condition));
            work(inner);
        });
    }

    fn expression(&mut self, expression: &Expression) {
        match &*expression.kind {
            ExpressionKind::Name(name) => self.refer(name, expression.span, Way::Name { shorthand: false }),
            ExpressionKind::Member { base, name, .. } => {
                self.expression(base);
                self.refer(&name.text, name.span, Way::Member { base: base.clone() });
            }
            ExpressionKind::Index { base, index } => {
                self.expression(base);
                // `xs[Name == n]`: the left side is a member of the elements.
                match &*index.kind {
                    ExpressionKind::Binary { left, right, .. } if matches!(&*left.kind, ExpressionKind::Name(_)) => {
                        self.expression(right);
                    }
                    _ => self.expression(index),
                }
            }
            ExpressionKind::Call { callee, arguments } => {
                self.expression(callee);
                self.arguments(callee, arguments);
            }
            ExpressionKind::Apply { callee, arguments, body } => {
                self.application(callee, arguments.as_deref().unwrap_or(&[]), body, expression.span, None, None);
            }
            ExpressionKind::Object(object) => self.object(object),
            ExpressionKind::List(elements) => elements.iter().for_each(|element| self.expression(&element.value)),
            ExpressionKind::ListComprehension { clause, element } => {
                self.clause(clause, expression.span, |inner| inner.expression(element));
            }
            ExpressionKind::String(parts) => {
                for part in parts {
                    if let StringPart::Interpolation(inner) = part {
                        self.expression(inner);
                    }
                }
            }
            ExpressionKind::Unary { operand, .. } => self.expression(operand),
            ExpressionKind::Binary { left, right, .. } => {
                self.expression(left);
                self.expression(right);
            }
            ExpressionKind::If { condition, then, otherwise } => {
                self.expression(condition);
                self.expression(then);
                otherwise.iter().for_each(|otherwise| self.expression(otherwise));
            }
            ExpressionKind::Machine(block) | ExpressionKind::Pipeline(block) => {
                self.block(block, expression.span, false, None);
            }
            ExpressionKind::Group(inner) => self.expression(inner),
            ExpressionKind::None
            | ExpressionKind::Null
            | ExpressionKind::Bool(_)
            | ExpressionKind::Int(_)
            | ExpressionKind::Float(_)
            | ExpressionKind::Quantity { .. }
            | ExpressionKind::Jsonata(_)
            | ExpressionKind::Error => {}
        }
    }
}

fn plain(name: &StringOrName) -> Name {
    Name { text: name.text.clone(), span: name.span }
}
