//! Objects, records, parameters: everything made of entries.

use super::*;

impl Builder<'_> {
    pub(super) fn object(&mut self, index: u32) -> Object {
        let span = self.span(self.nodes[index as usize]);
        let saved = self.enter();
        let mut cursor = self.children(index);
        let mut entries = Vec::with_capacity(self.count(cursor));
        while let Some((index, node)) = self.next(&mut cursor) {
            match node.rule {
                Rule::foreign_semicolon => self.semicolon(node),
                Rule::comprehension => {
                    let mut inner = self.children(index);
                    let clause = Box::new(self.for_clause(&mut inner));
                    let key = self.computed(&mut inner);
                    let value = self.expression(&mut inner);
                    let kind = EntryKind::Comprehension { clause, key, value };
                    entries.push(Entry { doc: None, span: self.span(node), kind });
                }
                _ => entries.push(self.entry(index, node)),
            }
        }
        if !self.leave(saved, span) {
            entries.clear();
        }
        Object { entries, span: Some(span) }
    }

    fn entry(&mut self, index: u32, node: Node) -> Entry {
        let doc = self.doc(node.start);
        let span = self.span(node);
        let mut cursor = self.children(index);
        let c = &mut cursor;
        let kind = match self.peek(c) {
            Some(Rule::spread) => {
                self.next(c);
                EntryKind::Spread(self.expression(c))
            }
            Some(Rule::computed) => {
                let key = self.computed(c);
                EntryKind::Computed { key, value: self.expression(c) }
            }
            Some(Rule::name | Rule::string) => {
                let (key_index, key_node) = self.next(c).expect("peeked");
                let key = self.key(key_index, key_node);
                match self.peek(c) {
                    None if key.text.is_empty() => EntryKind::Error,
                    None if !key.quoted => EntryKind::Shorthand(Name { text: key.text, span: key.span }),
                    None => {
                        self.diagnostics.push(Diagnostic::new(
                            &diagnostics::SYNTAX,
                            key.span,
                            &[
                                ("problem", &"A quoted key needs a value"),
                                ("label", &"expected `=` and a value after this"),
                                ("help", &"write `\"key\" = value`; a list is written in `[ ]`"),
                            ],
                        ));
                        EntryKind::Error
                    }
                    Some(Rule::colon) => {
                        let field = self.typed(c, doc.clone(), key, span);
                        EntryKind::Typed(Box::new(field))
                    }
                    Some(_) => EntryKind::Field { key, value: self.expression(c) },
                }
            }
            _ => EntryKind::Error,
        };
        Entry { doc: doc.map(Box::new), span, kind }
    }

    fn computed(&mut self, cursor: &mut Cursor) -> Expression {
        match self.take(cursor, Rule::computed) {
            Some((index, _)) => {
                let mut inner = self.children(index);
                self.expression(&mut inner)
            }
            None => self.error_at(cursor),
        }
    }

    /// `for k, v in xs if c:`, up to the colon.
    pub(super) fn for_clause(&mut self, cursor: &mut Cursor) -> ForClause {
        self.take(cursor, Rule::kw_for);
        let names = self.loop_names(cursor);
        let iterated = self.expression(cursor);
        let condition = self.take(cursor, Rule::kw_if).map(|_| self.expression(cursor));
        self.take(cursor, Rule::colon);
        ForClause { names, iterated, condition }
    }

    /// The rest of `key: stage type = default`, from the colon on.
    pub(super) fn typed(&mut self, cursor: &mut Cursor, doc: Option<Doc>, name: StringOrName, span: Span) -> Field {
        let optional = self.take(cursor, Rule::colon).is_some_and(|(_, node)| self.slice(node).starts_with('?'));
        let stage = self.take(cursor, Rule::stage).map(|(_, node)| {
            let word = match self.slice(node) {
                "build" => StageWord::Build,
                "deploy" => StageWord::Deploy,
                _ => StageWord::Run,
            };
            (word, self.span(node))
        });
        let type_ = Some(self.type_expression(cursor));
        let default = self.peek(cursor).is_some().then(|| self.expression(cursor));
        Field { doc, name, optional, stage, type_, default, span }
    }

    /// The fields of a record or schema.
    pub(super) fn fields(&mut self, index: u32) -> Vec<Field> {
        let span = self.span(self.nodes[index as usize]);
        let saved = self.enter();
        let mut cursor = self.children(index);
        let mut fields = Vec::new();
        while let Some((index, node)) = self.next(&mut cursor) {
            if node.rule == Rule::foreign_semicolon {
                self.semicolon(node);
                continue;
            }
            let doc = self.doc(node.start);
            let mut inner = self.children(index);
            let Some((key_index, key_node)) = self.next(&mut inner) else { continue };
            if key_node.rule == Rule::hole {
                continue;
            }
            let name = self.key(key_index, key_node);
            fields.push(self.typed(&mut inner, doc, name, self.span(node)));
        }
        if !self.leave(saved, span) {
            fields.clear();
        }
        fields
    }

    /// The parameters of a function or kind.
    pub(super) fn parameters(&mut self, index: u32) -> Vec<Field> {
        let mut cursor = self.children(index);
        let mut parameters = Vec::new();
        while let Some((index, node)) = self.next(&mut cursor) {
            let mut inner = self.children(index);
            let name = self.declared_name(&mut inner);
            let name = StringOrName { text: name.text, span: name.span, quoted: false };
            let span = self.span(node);
            let doc = self.doc(node.start);
            parameters.push(match self.peek(&inner) {
                Some(Rule::colon) => self.typed(&mut inner, doc, name, span),
                Some(_) => {
                    let default = Some(self.expression(&mut inner));
                    Field { doc, name, optional: false, stage: None, type_: None, default, span }
                }
                None => Field { doc, name, optional: false, stage: None, type_: None, default: None, span },
            });
        }
        parameters
    }

    /// A name or string as a key.
    pub(super) fn key(&mut self, index: u32, node: Node) -> StringOrName {
        let span = self.span(node);
        if node.rule != Rule::string {
            return StringOrName { text: self.name_of(node).text, span, quoted: false };
        }
        let mut text = String::new();
        for part in self.quoted(index, node) {
            match part {
                StringPart::Text(part) => text.push_str(&part),
                StringPart::Interpolation(value) => {
                    self.diagnostics.push(
                        Diagnostic::new(
                            &diagnostics::TEXT,
                            value.span,
                            &[("problem", &"A key in quotes cannot hold a value"), ("label", &"computed here")],
                        )
                        .help("write a computed key: `[\"…${x}\"] = value`"),
                    );
                }
            }
        }
        StringOrName { text: SmolStr::new(text), span, quoted: true }
    }
}
