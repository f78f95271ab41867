//! Kinds and components as declared: reads a declaration into parts, and flattens a kind with those that it narrows. It
//! must not evaluate anything.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::diagnostics::{self as d, Diagnostic, Diagnostics};
use crate::source::{FileId, Span};
use crate::syntax::tree::{self, Block, Declaration, DeclarationKind, Doc, Expression, Field, Name, Object};

/// One `kind` or `component` declaration, taken apart.
#[derive(Debug)]
pub struct KindDeclaration {
    pub name: Name,
    pub file: FileId,
    pub doc: Option<Doc>,
    pub is_component: bool,
    pub parameters: Vec<Field>,
    pub base: Option<Name>,
    pub roles: Vec<Name>,
    pub fields: Vec<Field>,
    /// `name = value`: a field that is fixed.
    pub fixes: Vec<(tree::StringOrName, Expression)>,
    /// `results = { … }`
    pub results: Option<Expression>,
    /// `writes = [ … ]`: locations it writes to beside its outputs.
    pub writes: Option<Expression>,
    /// `value = …`: what the declared name stands for, where that is not its results.
    pub value: Option<Expression>,
    /// `handle = { … }`: what a file knows of a step of it, before anything runs.
    pub handle: Option<Expression>,
    pub lets: Vec<(Name, Expression)>,
    pub call: Option<Call>,
    pub runs: Vec<Run>,
    pub checks: Vec<(Expression, Expression)>,
    /// `resource`, and `for` with such inside: what is deployed with it.
    pub deployed: Vec<Deployed>,
    /// `role "glue.amazonaws.com"`: the service that takes on the role it runs with.
    pub role: Option<(Expression, Span)>,
    /// `allow { … }`: what that role may do.
    pub allows: Vec<(Object, Span)>,
    /// Of a component: what is neither field nor setting.
    pub body: Block,
}

/// Something that is deployed with each application of a kind.
#[derive(Clone, Debug)]
pub enum Deployed {
    Resource { name: Name, value: Expression },
    For { names: Vec<Name>, iterated: Expression, body: Vec<Deployed>, span: Span },
}

#[derive(Clone, Debug)]
pub struct Call {
    pub path: Expression,
    pub returns: Option<Name>,
    pub request: Object,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Run {
    pub engine: Name,
    pub condition: Option<Expression>,
    pub body: Object,
    pub span: Span,
}

impl Run {
    /// `refused = "…"`: why there is no way to run it so.
    pub fn refusal(&self) -> Option<&Expression> {
        self.body.entries.iter().find_map(|entry| match &entry.kind {
            tree::EntryKind::Field { key, value } if key.text == "refused" => Some(value),
            _ => None,
        })
    }
}

/// Takes a `kind` or `component` declaration apart; `None` for any other.
pub fn read(declaration: &Declaration, file: FileId, diagnostics: &mut Diagnostics) -> Option<KindDeclaration> {
    let (name, parameters, base, roles, body, is_component) = match &declaration.kind {
        DeclarationKind::Kind { name, parameters, base, roles, body } => {
            (name, parameters.clone(), base.clone(), roles, body, false)
        }
        DeclarationKind::Component { name, roles, body } => (name, Vec::new(), None, roles, body, true),
        _ => return None,
    };
    let mut kind = KindDeclaration {
        name: name.clone(),
        file,
        doc: declaration.doc.clone(),
        is_component,
        parameters,
        base,
        roles: roles.clone(),
        fields: Vec::new(),
        fixes: Vec::new(),
        results: None,
        writes: None,
        value: None,
        handle: None,
        lets: Vec::new(),
        call: None,
        runs: Vec::new(),
        checks: Vec::new(),
        deployed: Vec::new(),
        role: None,
        allows: Vec::new(),
        body: Block { declarations: Vec::new(), span: body.span },
    };
    for inner in &body.declarations {
        kind.take(inner, diagnostics);
    }
    Some(kind)
}

impl KindDeclaration {
    fn take(&mut self, inner: &Declaration, diagnostics: &mut Diagnostics) {
        match &inner.kind {
            DeclarationKind::Field(field) => {
                if let Some(first) = self.fields.iter().find(|other| other.name.text == field.name.text) {
                    let found = Diagnostic::new(&d::DECLARED_TWICE, field.name.span, &[("name", &field.name.text)])
                        .related(first.name.span, "the first declaration");
                    diagnostics.push(found);
                } else {
                    // What stands above a field is about it.
                    let doc = field.doc.clone().or_else(|| inner.doc.clone());
                    self.fields.push(Field { doc, ..field.clone() });
                }
            }
            DeclarationKind::Check { condition, message } => self.checks.push((condition.clone(), message.clone())),
            DeclarationKind::Error => {}
            DeclarationKind::Setting { name, value } if name.text == "handle" => self.handle = Some(value.clone()),
            _ if self.is_component => self.body.declarations.push(inner.clone()),
            DeclarationKind::Setting { name, value } => match name.text.as_str() {
                "results" => self.results = Some(value.clone()),
                "writes" => self.writes = Some(value.clone()),
                "value" => self.value = Some(value.clone()),
                _ => self.fixes.push((name.clone(), value.clone())),
            },
            DeclarationKind::Let { name, value, parameters: None, .. } => self.lets.push((name.clone(), value.clone())),
            DeclarationKind::Call { path, returns, request } => {
                self.call = Some(Call {
                    path: path.clone(),
                    returns: returns.clone(),
                    request: request.clone(),
                    span: inner.span,
                });
            }
            DeclarationKind::Run { engine, condition, body } => self.runs.push(Run {
                engine: engine.clone(),
                condition: condition.clone(),
                body: body.clone(),
                span: inner.span,
            }),
            DeclarationKind::Role { service } => self.role = Some((service.clone(), inner.span)),
            DeclarationKind::Allow { body } => self.allows.push((body.clone(), inner.span)),
            DeclarationKind::Binding { word: tree::Binding::Resource, .. } | DeclarationKind::For { .. } => {
                self.deployed.extend(deployed(inner, diagnostics));
            }
            _ => {
                let word = word_of(inner);
                diagnostics.push(Diagnostic::new(
                    &d::MISPLACED,
                    word_span(inner),
                    &[
                        ("word", &word),
                        ("place", &"a kind"),
                        (
                            "allowed",
                            &"fields, `call`, `run`, `results`, `check`, `let`, `resource`, `role` and `allow`",
                        ),
                    ],
                ));
            }
        }
    }
}

/// What a `resource` or a `for` of resources deploys.
fn deployed(declaration: &Declaration, diagnostics: &mut Diagnostics) -> Option<Deployed> {
    match &declaration.kind {
        DeclarationKind::Binding { word: tree::Binding::Resource, name, value, .. } => {
            Some(Deployed::Resource { name: name.clone(), value: value.clone() })
        }
        DeclarationKind::For { names, iterated, body } => {
            let body = body.declarations.iter().filter_map(|inner| deployed(inner, diagnostics)).collect();
            Some(Deployed::For { names: names.clone(), iterated: iterated.clone(), body, span: declaration.span })
        }
        DeclarationKind::Error => None,
        _ => {
            let word = word_of(declaration);
            diagnostics.push(Diagnostic::new(
                &d::MISPLACED,
                word_span(declaration),
                &[("word", &word), ("place", &"a `for` of a kind"), ("allowed", &"`resource` and `for`")],
            ));
            None
        }
    }
}

/// The place of the word that starts a declaration; all of one that starts with no word of its own.
pub fn word_span(declaration: &Declaration) -> Span {
    let has_no_word = matches!(
        declaration.kind,
        DeclarationKind::Raw { .. }
            | DeclarationKind::Field(_)
            | DeclarationKind::Setting { .. }
            | DeclarationKind::Error
    );
    let Span { start, end, .. } = declaration.span;
    let length = if has_no_word { end - start } else { word_of(declaration).len() as u32 };
    Span { end: (start + length).min(end), ..declaration.span }
}

/// The word by which a message names a declaration.
pub fn word_of(declaration: &Declaration) -> &'static str {
    match &declaration.kind {
        DeclarationKind::Project { .. } => "project",
        DeclarationKind::Import { .. } => "import",
        DeclarationKind::Schema { .. } => "schema",
        DeclarationKind::Type { .. } => "type",
        DeclarationKind::Config { .. } => "config",
        DeclarationKind::Param { .. } => "param",
        DeclarationKind::Let { .. } => "let",
        DeclarationKind::Binding { word, .. } => word.word(),
        DeclarationKind::Workflow { .. } => "workflow",
        DeclarationKind::Component { .. } => "component",
        DeclarationKind::Kind { .. } => "kind",
        DeclarationKind::Machine { .. } => "machine",
        DeclarationKind::Pipeline { .. } => "pipeline",
        DeclarationKind::Raw { .. } => "step with a quoted name",
        DeclarationKind::Test { .. } => "test",
        DeclarationKind::Moved { .. } => "moved",
        DeclarationKind::When { .. } => "when",
        DeclarationKind::For { .. } => "for",
        DeclarationKind::Each { .. } => "each",
        DeclarationKind::Fail { .. } => "fail",
        DeclarationKind::Try { .. } => "try",
        DeclarationKind::OnFailure { .. } => "on failure",
        DeclarationKind::Output { .. } => "output",
        DeclarationKind::Field(_) => "field",
        DeclarationKind::Setting { .. } => "setting",
        DeclarationKind::Call { .. } => "call",
        DeclarationKind::Run { .. } => "run",
        DeclarationKind::Check { .. } => "check",
        DeclarationKind::Role { .. } => "role",
        DeclarationKind::Allow { .. } => "allow",
        DeclarationKind::Error => "declaration",
    }
}

/// A kind with all that it inherits.
#[derive(Debug)]
pub struct Kind {
    pub name: SmolStr,
    /// Where its name is declared.
    pub span: Span,
    /// The declarations it is made of, the kind itself first.
    pub chain: Vec<Arc<KindDeclaration>>,
    /// In the order of the base, then its own; a narrowed one stands where the base has it.
    pub fields: Vec<Field>,
    pub fixes: Vec<(tree::StringOrName, Expression)>,
    pub parameters: Vec<Field>,
    pub roles: Vec<Name>,
}

impl Kind {
    /// Flattens a chain, the kind itself first.
    pub fn flatten(chain: Vec<Arc<KindDeclaration>>, diagnostics: &mut Diagnostics) -> Kind {
        let own = chain.first().expect("a chain holds at least the kind itself").clone();
        let mut fields: Vec<Field> = Vec::new();
        let mut fixes: Vec<(tree::StringOrName, Expression)> = Vec::new();
        for declaration in chain.iter().rev() {
            for field in &declaration.fields {
                match fields.iter_mut().find(|other| other.name.text == field.name.text) {
                    Some(inherited) => {
                        let default = field.default.clone().or_else(|| inherited.default.clone());
                        let stage = field.stage.or(inherited.stage);
                        let doc = field.doc.clone().or_else(|| inherited.doc.clone());
                        *inherited = Field { default, stage, doc, ..field.clone() };
                    }
                    None => fields.push(field.clone()),
                }
            }
            for (name, value) in &declaration.fixes {
                if !fields.iter().any(|field| field.name.text == name.text) {
                    let base = declaration.base.as_ref().map_or("the kind", |base| base.text.as_str());
                    let found = Diagnostic::new(&d::FIXES_UNKNOWN, name.span, &[("name", &name.text), ("base", &base)])
                        .suggest(&name.text, name.span, fields.iter().map(|field| field.name.text.as_str()));
                    diagnostics.push(found);
                    continue;
                }
                fixes.retain(|(other, _)| other.text != name.text);
                fixes.push((name.clone(), value.clone()));
            }
        }
        let roles = chain.iter().find(|part| !part.roles.is_empty()).map(|part| part.roles.clone()).unwrap_or_default();
        Kind {
            name: own.name.text.clone(),
            span: own.name.span,
            fields,
            fixes,
            parameters: own.parameters.clone(),
            roles,
            chain,
        }
    }

    pub fn own(&self) -> &KindDeclaration {
        &self.chain[0]
    }

    pub fn call(&self) -> Option<&Call> {
        self.chain.iter().find_map(|part| part.call.as_ref())
    }

    pub fn results(&self) -> Option<&Expression> {
        self.chain.iter().find_map(|part| part.results.as_ref())
    }

    pub fn handle(&self) -> Option<&Expression> {
        self.chain.iter().find_map(|part| part.handle.as_ref())
    }

    pub fn writes(&self) -> Option<&Expression> {
        self.chain.iter().find_map(|part| part.writes.as_ref())
    }

    pub fn value(&self) -> Option<&Expression> {
        self.chain.iter().find_map(|part| part.value.as_ref())
    }

    /// What is deployed with it: its own and what it inherits, the base's first.
    pub fn deployed(&self) -> impl Iterator<Item = &Deployed> {
        self.chain.iter().rev().flat_map(|part| &part.deployed)
    }

    pub fn role(&self) -> Option<&(Expression, Span)> {
        self.chain.iter().find_map(|part| part.role.as_ref())
    }

    pub fn allows(&self) -> impl Iterator<Item = &(Object, Span)> {
        self.chain.iter().rev().flat_map(|part| &part.allows)
    }

    /// Whether it is something that an execution runs.
    pub fn is_step(&self) -> bool {
        self.roles.iter().any(|role| tree::Binding::from_word(&role.text).is_some_and(tree::Binding::is_step))
    }

    /// The clauses for an engine, of the nearest declaration that has any.
    pub fn runs(&self, engine: &str) -> Vec<&Run> {
        self.chain
            .iter()
            .map(|part| part.runs.iter().filter(|run| run.engine.text == engine).collect::<Vec<_>>())
            .find(|runs| !runs.is_empty())
            .unwrap_or_default()
    }

    /// The names of the engines that its clauses run it in, in order, each once.
    pub fn engines(&self) -> Vec<SmolStr> {
        let mut names: Vec<SmolStr> = Vec::new();
        for run in self.chain.iter().flat_map(|part| &part.runs) {
            if run.refusal().is_none() && !names.contains(&run.engine.text) {
                names.push(run.engine.text.clone());
            }
        }
        names
    }
}
