//! Types as written.

use std::sync::Arc;

use super::*;

impl Builder<'_> {
    fn make_type(&self, span: Span, kind: TypeExpressionKind) -> TypeExpression {
        TypeExpression { span, kind: Arc::new(kind) }
    }

    /// The type that starts at the next node, and no node more.
    pub(super) fn type_expression(&mut self, cursor: &mut Cursor) -> TypeExpression {
        let saved = self.enter();
        let first = self.type_operand(cursor);
        let mut span = first.span;
        let mut members = vec![first];
        while self.take(cursor, Rule::bar).is_some() {
            let member = self.type_operand(cursor);
            span = span.to(member.span);
            members.push(member);
        }
        let result = match members.pop() {
            Some(only) if members.is_empty() => only,
            Some(last) => {
                members.push(last);
                self.make_type(span, TypeExpressionKind::Union(members))
            }
            None => self.make_type(span, TypeExpressionKind::Error),
        };
        if self.leave(saved, span) { result } else { self.make_type(span, TypeExpressionKind::Error) }
    }

    fn type_operand(&mut self, cursor: &mut Cursor) -> TypeExpression {
        let Some(rule) = self.peek(cursor) else {
            let place = self.text.len() as u32;
            return self.make_type(self.span_of(place, place), TypeExpressionKind::Error);
        };
        let node = self.nodes[cursor.at as usize];
        let base = match rule {
            Rule::type_path => self.named_type(cursor, node),
            Rule::record => {
                let index = cursor.at;
                cursor.at = node.next;
                let fields = self.fields(index);
                self.make_type(self.span(node), TypeExpressionKind::Record(fields))
            }
            Rule::type_group => {
                let mut inner = self.children(cursor.at);
                cursor.at = node.next;
                let inside = self.type_expression(&mut inner);
                TypeExpression { span: self.span(node), kind: inside.kind }
            }
            Rule::minus => {
                cursor.at = node.next;
                let operand = self.primary(cursor);
                let span = self.span(node).to(operand.span);
                let kind = ExpressionKind::Unary { operator: UnaryOperator::Negate, operand };
                self.make_type(span, TypeExpressionKind::Literal(self.make(span, kind)))
            }
            Rule::hole => {
                cursor.at = node.next;
                self.make_type(self.span(node), TypeExpressionKind::Error)
            }
            _ => {
                let literal = self.primary(cursor);
                self.make_type(literal.span, TypeExpressionKind::Literal(literal))
            }
        };
        match self.take(cursor, Rule::type_optional) {
            Some((_, mark)) => {
                self.height += 1;
                self.make_type(base.span.to(self.span(mark)), TypeExpressionKind::Optional(base))
            }
            None => base,
        }
    }

    fn named_type(&mut self, cursor: &mut Cursor, node: Node) -> TypeExpression {
        cursor.at = node.next;
        let mut span = self.span(node);
        let mut path = Vec::with_capacity(1);
        let mut at = node.start;
        for part in self.slice(node).split('.') {
            let end = at + part.len() as u32;
            path.push(Name { text: SmolStr::new(part), span: self.span_of(at, end) });
            at = end + 1;
        }
        let mut arguments = Vec::new();
        if let Some((index, list)) = self.take(cursor, Rule::type_arguments) {
            span = span.to(self.span(list));
            let mut inner = self.children(index);
            while self.peek(&inner).is_some() {
                arguments.push(self.type_expression(&mut inner));
            }
        }
        let mut constraints = Vec::new();
        if let Some((index, list)) = self.take(cursor, Rule::constraints) {
            span = span.to(self.span(list));
            let mut inner = self.children(index);
            while let Some((index, node)) = self.next(&mut inner) {
                constraints.push(self.constraint(index, node));
            }
        }
        self.make_type(span, TypeExpressionKind::Named { path, arguments, constraints })
    }

    fn constraint(&mut self, index: u32, node: Node) -> Constraint {
        let mut cursor = self.children(index);
        let c = &mut cursor;
        let low = (self.peek(c) != Some(Rule::range)).then(|| self.expression(c));
        if self.take(c, Rule::range).is_none() {
            return Constraint::Value(low.unwrap_or_else(|| self.error_at(c)));
        }
        let high = self.peek(c).is_some().then(|| self.expression(c));
        Constraint::Range { low, high, span: self.span(node) }
    }
}
