//! Declarations and blocks.

use super::*;
use crate::diagnostics::closest;
use crate::syntax::explain::elsewhere;

/// Every word that starts a declaration, for "did you mean".
pub(in crate::syntax) const DECLARATION_WORDS: [&str; 38] = [
    "project",
    "import",
    "schema",
    "type",
    "config",
    "param",
    "let",
    "source",
    "transform",
    "train",
    "tune",
    "evaluate",
    "register",
    "deploy",
    "notify",
    "step",
    "trigger",
    "monitor",
    "serve",
    "studio",
    "resource",
    "workflow",
    "component",
    "kind",
    "machine",
    "pipeline",
    "test",
    "moved",
    "when",
    "for",
    "each",
    "fail",
    "try",
    "output",
    "call",
    "run",
    "check",
    "state",
];

impl Builder<'_> {
    pub(super) fn declarations(&mut self, cursor: &mut Cursor) -> Vec<Declaration> {
        let mut declarations = Vec::new();
        while let Some((index, node)) = self.next(cursor) {
            match node.rule {
                Rule::EOI => break,
                Rule::foreign_semicolon => self.semicolon(node),
                _ => {
                    let doc = self.doc(node.start);
                    let span = self.span(node);
                    let saved = self.enter();
                    let kind = self.declaration(index, node);
                    let kind = if self.leave(saved, span) { kind } else { DeclarationKind::Error };
                    declarations.push(Declaration { doc, span, kind });
                }
            }
        }
        declarations
    }

    pub(super) fn semicolon(&mut self, node: Node) {
        let span = self.span(node);
        self.diagnostics.push(
            Diagnostic::new(
                &diagnostics::SYNTAX,
                span,
                &[
                    ("problem", &"No `;` ends a line here"),
                    ("label", &"not needed"),
                    ("help", &"a new line or a comma ends an entry"),
                ],
            )
            .fix("Remove `;`", span, ""),
        );
    }

    pub(super) fn block(&mut self, index: u32) -> Block {
        let span = self.span(self.nodes[index as usize]);
        let saved = self.enter();
        let mut cursor = self.children(index);
        let mut declarations = self.declarations(&mut cursor);
        if !self.leave(saved, span) {
            declarations.clear();
        }
        Block { declarations, span: Some(span) }
    }

    /// The next node as a block; an empty one where there is none.
    fn next_block(&mut self, cursor: &mut Cursor) -> Block {
        match self.take(cursor, Rule::block) {
            Some((index, _)) => self.block(index),
            None => Block::default(),
        }
    }

    fn next_object(&mut self, cursor: &mut Cursor) -> Object {
        match self.take(cursor, Rule::object) {
            Some((index, _)) => self.object(index),
            None => Object::default(),
        }
    }

    fn names_of(&mut self, cursor: &mut Cursor, rule: Rule) -> Vec<Name> {
        let mut names = Vec::new();
        while let Some((_, node)) = self.take(cursor, rule) {
            names.push(self.name_of(node));
        }
        names
    }

    /// `: type`, if it stands next.
    fn type_after_colon(&mut self, cursor: &mut Cursor) -> Option<TypeExpression> {
        self.take(cursor, Rule::colon)?;
        Some(self.type_expression(cursor))
    }

    /// The value after `=`; reports where `=` is missing.
    fn value(&mut self, cursor: &mut Cursor) -> Expression {
        if let Some((_, node)) = self.take(cursor, Rule::missing_equals) {
            let place = self.span(node);
            self.diagnostics.push(
                Diagnostic::new(
                    &diagnostics::SYNTAX,
                    self.first_word(node.start),
                    &[
                        ("problem", &"`=` is missing before the value"),
                        ("label", &"expected `=` before this"),
                        ("help", &"write `name = value`"),
                    ],
                )
                .fix("Insert `=`", place, "= "),
            );
        }
        self.expression(cursor)
    }

    fn first_word(&self, start: u32) -> Span {
        let rest = &self.text[start as usize..];
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        self.span_of(start, start + length as u32)
    }

    fn declaration(&mut self, index: u32, node: Node) -> DeclarationKind {
        let mut cursor = self.children(index);
        let c = &mut cursor;
        match node.rule {
            Rule::setting => self.setting(c, node),
            Rule::binding => {
                let (_, word_node) = self.next(c).expect("the grammar puts the word first");
                let word = Binding::from_word(self.slice(word_node)).expect("the grammar lists these words");
                let name = self.declared_name(c);
                let type_ = self.type_after_colon(c);
                let value = self.value(c);
                DeclarationKind::Binding { word, word_span: self.span(word_node), name, type_, value }
            }
            Rule::let_declaration => {
                let name = self.declared_name(c);
                let parameters = self.take(c, Rule::parameters).map(|(index, _)| self.parameters(index));
                let type_ = self.type_after_colon(c);
                let sign = self.take(c, Rule::let_sign).map(|(_, node)| (self.slice(node), self.span(node)));
                if let Some((sign, span)) = sign {
                    match (&parameters, sign) {
                        (Some(_), "=") => self.wrong_sign(span, "A function's body", "=>"),
                        (None, "=>") => self.wrong_sign(span, "A value", "="),
                        _ => {}
                    }
                }
                let value = self.expression(c);
                DeclarationKind::Let { name, parameters, type_, value }
            }
            Rule::config_declaration => {
                let (_, word) = self.next(c).expect("the grammar puts the word first");
                let name = self.declared_name(c);
                let type_ = self.type_after_colon(c);
                let default = self.peek(c).is_some().then(|| self.expression(c));
                match self.slice(word) {
                    "config" => DeclarationKind::Config { name, type_, default },
                    _ => DeclarationKind::Param { name, type_, default },
                }
            }
            Rule::when_declaration => self.when(c),
            Rule::foreign_if => {
                let word = self.span_of(node.start, node.start + 2);
                self.foreign(word, "if", "when");
                self.when(c)
            }
            Rule::call_declaration => {
                let path = self.path(c);
                let returns = self.take(c, Rule::returned).map(|(_, node)| self.name_of(node));
                let request = self.next_object(c);
                DeclarationKind::Call { path, returns, request }
            }
            Rule::run_declaration => {
                let engine = self.declared_name(c);
                let condition = self.take(c, Rule::kw_if).map(|_| self.expression(c));
                DeclarationKind::Run { engine, condition, body: self.next_object(c) }
            }
            Rule::output_declaration => {
                let name = self.declared_name(c);
                let type_ = self.type_after_colon(c);
                DeclarationKind::Output { name, type_, value: self.expression(c) }
            }
            Rule::kind_declaration => {
                let name = self.declared_name(c);
                let parameters = match self.take(c, Rule::parameters) {
                    Some((index, _)) => self.parameters(index),
                    None => Vec::new(),
                };
                let base = self.take(c, Rule::base).map(|(_, node)| self.name_of(node));
                let roles = self.names_of(c, Rule::role_name);
                DeclarationKind::Kind { name, parameters, base, roles, body: self.next_block(c) }
            }
            Rule::component_declaration => {
                let name = self.declared_name(c);
                let roles = self.names_of(c, Rule::role_name);
                DeclarationKind::Component { name, roles, body: self.next_block(c) }
            }
            Rule::named_block => {
                let (_, word) = self.next(c).expect("the grammar puts the word first");
                let name = self.declared_name(c);
                let body = self.next_block(c);
                match self.slice(word) {
                    "workflow" => DeclarationKind::Workflow { name, body },
                    "machine" => DeclarationKind::Machine { name, body },
                    "pipeline" => DeclarationKind::Pipeline { name, body },
                    _ => DeclarationKind::Test { name, body },
                }
            }
            Rule::project_declaration => {
                let name = self.declared_name(c);
                DeclarationKind::Project { name, body: self.next_object(c) }
            }
            Rule::schema_declaration => {
                let name = self.declared_name(c);
                let fields = match self.take(c, Rule::record) {
                    Some((index, _)) => self.fields(index),
                    None => Vec::new(),
                };
                DeclarationKind::Schema { name, fields }
            }
            Rule::type_declaration => {
                let name = self.declared_name(c);
                DeclarationKind::Type { name, value: self.type_expression(c) }
            }
            Rule::raw_declaration => {
                let (_, word) = self.next(c).expect("the grammar puts the word first");
                let (name_index, name) = self.next(c).expect("the grammar puts the name second");
                let name = self.key(name_index, name);
                DeclarationKind::Raw { word: self.name_of(word), name, value: self.expression(c) }
            }
            Rule::for_declaration => {
                let (_, word) = self.next(c).expect("the grammar puts the word first");
                let names = self.loop_names(c);
                let iterated = self.expression(c);
                let body = self.next_block(c);
                match self.slice(word) {
                    "for" => DeclarationKind::For { names, iterated, body },
                    _ => DeclarationKind::Each { names, iterated, body },
                }
            }
            Rule::try_declaration => DeclarationKind::Try { body: self.next_block(c) },
            Rule::on_declaration => {
                let mut errors = Vec::new();
                while !matches!(self.peek(c), Some(Rule::name | Rule::block) | None) {
                    errors.push(self.primary(c));
                }
                let binding = self.take(c, Rule::name).map(|(_, node)| self.name_of(node));
                DeclarationKind::OnFailure { errors, binding, body: self.next_block(c) }
            }
            Rule::fail_declaration => DeclarationKind::Fail { message: self.expression(c) },
            Rule::check_declaration => {
                let condition = self.expression(c);
                DeclarationKind::Check { condition, message: self.expression(c) }
            }
            Rule::role_declaration => DeclarationKind::Role { service: self.expression(c) },
            Rule::moved_declaration => {
                let from = self.declared_name(c);
                DeclarationKind::Moved { from, to: self.declared_name(c) }
            }
            Rule::import_declaration => {
                let mut names = Vec::new();
                while let Some((index, _)) = self.take(c, Rule::imported) {
                    let mut inner = self.children(index);
                    let name = self.declared_name(&mut inner);
                    let alias = self.peek(&inner).is_some().then(|| self.declared_name(&mut inner));
                    names.push(ImportedName { name, alias });
                }
                let path = self.primary(c);
                let whole = self.take(c, Rule::whole).map(|(_, node)| self.name_of(node));
                DeclarationKind::Import { names, whole, path }
            }
            Rule::unknown_declaration => self.unknown(c),
            _ => DeclarationKind::Error,
        }
    }

    fn wrong_sign(&mut self, span: Span, what: &str, right: &str) {
        let problem = format!("{what} follows `{right}`");
        let label = format!("write `{right}`");
        self.diagnostics.push(
            Diagnostic::new(
                &diagnostics::SYNTAX,
                span,
                &[("problem", &problem), ("label", &label), ("help", &"`let x = value`, `let f(a) => value`")],
            )
            .fix(format!("Write `{right}`"), span, right),
        );
    }

    /// `name = value`, `name { … }` and `name: type`.
    fn setting(&mut self, cursor: &mut Cursor, node: Node) -> DeclarationKind {
        let (key_index, key_node) = self.next(cursor).expect("the grammar puts the key first");
        let name = self.key(key_index, key_node);
        if self.peek(cursor) == Some(Rule::colon) {
            return DeclarationKind::Field(self.typed(cursor, None, name, self.span(node)));
        }
        let is_clause = name.text == "allow" && !name.quoted && self.peek(cursor) == Some(Rule::object) && {
            let between = &self.text[key_node.end as usize..self.nodes[cursor.at as usize].start as usize];
            !between.contains('=')
        };
        if is_clause {
            return DeclarationKind::Allow { body: self.next_object(cursor) };
        }
        DeclarationKind::Setting { name, value: self.expression(cursor) }
    }

    fn when(&mut self, cursor: &mut Cursor) -> DeclarationKind {
        let mut branches = Vec::new();
        let mut otherwise = None;
        while let Some(rule) = self.peek(cursor) {
            match rule {
                Rule::block => otherwise = Some(self.next_block(cursor)),
                Rule::foreign_else_if => {
                    if let Some((_, node)) = self.next(cursor) {
                        self.foreign(self.span(node), self.slice(node), "else when");
                    }
                }
                _ => {
                    let condition = self.expression(cursor);
                    branches.push(Branch { condition, body: self.next_block(cursor) });
                }
            }
        }
        DeclarationKind::When { branches, otherwise }
    }

    pub(super) fn loop_names(&mut self, cursor: &mut Cursor) -> Vec<Name> {
        let mut names = Vec::new();
        while self.peek(cursor) == Some(Rule::name) {
            names.push(self.declared_name(cursor));
        }
        self.take(cursor, Rule::kw_in);
        names
    }

    /// `workflw x { … }`: reported, and read as the word that was meant.
    fn unknown(&mut self, cursor: &mut Cursor) -> DeclarationKind {
        let (_, word) = self.next(cursor).expect("the grammar puts the word first");
        let found = self.slice(word);
        let span = self.span(word);
        let words = DECLARATION_WORDS;
        let meant = closest(found, words);
        let mut diagnostic = Diagnostic::new(&diagnostics::UNKNOWN_WORD, span, &[("word", &found)]);
        diagnostic =
            match meant {
                Some(_) => diagnostic.suggest(found, span, words),
                None => diagnostic.help(elsewhere(found).unwrap_or(
                    "a declaration starts with a word such as `source`, `transform`, `train`, `step` or `let`",
                )),
            };
        // A word that starts a declaration has its finding for what follows it.
        if found != "\u{1}" && !words.contains(&found) {
            self.diagnostics.push(diagnostic);
        }
        let name = self.declared_name(cursor);
        if self.peek(cursor) == Some(Rule::block) {
            let body = self.next_block(cursor);
            return match meant {
                Some("workflow") => DeclarationKind::Workflow { name, body },
                Some("component") => DeclarationKind::Component { name, roles: Vec::new(), body },
                Some("machine") => DeclarationKind::Machine { name, body },
                Some("pipeline") => DeclarationKind::Pipeline { name, body },
                Some("kind") => {
                    DeclarationKind::Kind { name, parameters: Vec::new(), base: None, roles: Vec::new(), body }
                }
                _ => DeclarationKind::Error,
            };
        }
        let type_ = self.type_after_colon(cursor);
        self.take(cursor, Rule::missing_equals);
        let value = self.expression(cursor);
        match meant.map(|word| (word, Binding::from_word(word))) {
            Some((_, Some(word))) => DeclarationKind::Binding { word, word_span: span, name, type_, value },
            Some(("config", None)) => DeclarationKind::Config { name, type_, default: Some(value) },
            Some(("param", None)) => DeclarationKind::Param { name, type_, default: Some(value) },
            Some(("output", None)) => DeclarationKind::Output { name, type_, value },
            Some(("let", None)) => DeclarationKind::Let { name, parameters: None, type_, value },
            Some((_, None)) | None => {
                // What it would declare is not known, but its name is: others that use it are not wrong too.
                DeclarationKind::Error
            }
        }
    }
}
