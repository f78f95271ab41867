//! Expressions: precedence, members, calls. Operators arrive as a flat sequence.

use std::sync::Arc;

use super::*;

/// Recursion that the brackets of the text do not bound stops here.
const MOST_DEPTH: u32 = 1200;

/// How tightly an operator binds.
const NOT: u8 = 3;

fn strength(operator: BinaryOperator) -> u8 {
    match operator {
        BinaryOperator::Or => 1,
        BinaryOperator::And => 2,
        BinaryOperator::Equal
        | BinaryOperator::NotEqual
        | BinaryOperator::Less
        | BinaryOperator::LessOrEqual
        | BinaryOperator::Greater
        | BinaryOperator::GreaterOrEqual
        | BinaryOperator::In => 4,
        BinaryOperator::Coalesce => 5,
        BinaryOperator::Add | BinaryOperator::Subtract => 6,
        BinaryOperator::Multiply | BinaryOperator::Divide => 7,
    }
}

fn operator_of(text: &str) -> Option<BinaryOperator> {
    Some(match text {
        "or" | "||" => BinaryOperator::Or,
        "and" | "&&" => BinaryOperator::And,
        "==" | "===" => BinaryOperator::Equal,
        "!=" | "!==" => BinaryOperator::NotEqual,
        "<" => BinaryOperator::Less,
        "<=" => BinaryOperator::LessOrEqual,
        ">" => BinaryOperator::Greater,
        ">=" => BinaryOperator::GreaterOrEqual,
        "in" => BinaryOperator::In,
        "??" => BinaryOperator::Coalesce,
        "+" => BinaryOperator::Add,
        "-" => BinaryOperator::Subtract,
        "*" => BinaryOperator::Multiply,
        "/" => BinaryOperator::Divide,
        _ => return None,
    })
}

impl Builder<'_> {
    pub(super) fn make(&self, span: Span, kind: ExpressionKind) -> Expression {
        Expression { span, kind: Arc::new(kind) }
    }

    /// An empty error at the next node, or at the end of the text.
    pub(super) fn error_at(&self, cursor: &Cursor) -> Expression {
        let place = match self.nodes.get(cursor.at as usize) {
            Some(node) if cursor.at < cursor.end => node.start,
            _ => self.text.len() as u32,
        };
        self.make(self.span_of(place, place), ExpressionKind::Error)
    }

    /// The expression that starts at the next node, and no node more.
    pub(super) fn expression(&mut self, cursor: &mut Cursor) -> Expression {
        // By far the most expressions are one operand; they need no measuring.
        if self.depth > MOST_DEPTH {
            let error = self.error_at(cursor);
            self.too_deep(error.span);
            cursor.at = cursor.end;
            return error;
        }
        let saved = self.enter();
        let result =
            if self.peek(cursor) == Some(Rule::kw_if) { self.conditional(cursor) } else { self.climb(cursor, 1) };
        if self.leave(saved, result.span) { result } else { self.make(result.span, ExpressionKind::Error) }
    }

    fn conditional(&mut self, cursor: &mut Cursor) -> Expression {
        let Some((_, word)) = self.next(cursor) else { return self.error_at(cursor) };
        let condition = self.expression(cursor);
        self.take(cursor, Rule::kw_then);
        let then = self.expression(cursor);
        let otherwise = self.take(cursor, Rule::kw_else).map(|_| self.expression(cursor));
        let span = self.span(word).to(otherwise.as_ref().map_or(then.span, |value| value.span));
        self.make(span, ExpressionKind::If { condition, then, otherwise })
    }

    /// Operators that bind at least as tightly as `least`, all of them from left to right.
    fn climb(&mut self, cursor: &mut Cursor, least: u8) -> Expression {
        let mut left = self.prefixed(cursor);
        let mut links = 0;
        while self.peek(cursor) == Some(Rule::operator) {
            let node = self.nodes[cursor.at as usize];
            let text = self.slice(node);
            let Some(operator) = operator_of(text) else {
                self.modulo(node);
                cursor.at = node.next;
                self.climb(cursor, 8);
                left = self.make(left.span, ExpressionKind::Error);
                continue;
            };
            let binds = strength(operator);
            if binds < least {
                break;
            }
            cursor.at = node.next;
            let operator_span = self.span(node);
            if text != operator.symbol() {
                self.foreign(operator_span, text, operator.symbol());
            }
            let right = if self.depth > MOST_DEPTH {
                cursor.at = cursor.end;
                self.too_long(operator_span);
                self.error_at(cursor)
            } else {
                self.depth += 1;
                let right = self.climb(cursor, binds + 1);
                self.depth -= 1;
                right
            };
            links += 1;
            self.height += 1;
            let span = left.span.to(right.span);
            left = if links > MOST_LINKS {
                self.too_long(operator_span);
                self.height = 0;
                links = 0;
                self.make(span, ExpressionKind::Error)
            } else {
                self.make(span, ExpressionKind::Binary { operator, operator_span, left, right })
            };
        }
        left
    }

    fn modulo(&mut self, node: Node) {
        self.diagnostics.push(
            Diagnostic::new(&diagnostics::FOREIGN, self.span(node), &[("found", &"a % b"), ("right", &"mod(a, b)")])
                .help("`%` attached to a number is a percentage: `20%`"),
        );
    }

    /// `not` and `-`, then an operand.
    fn prefixed(&mut self, cursor: &mut Cursor) -> Expression {
        let first = cursor.at;
        let mut count = 0;
        let mut has_not = false;
        while self.peek(cursor) == Some(Rule::prefix) {
            let Some((_, node)) = self.next(cursor) else { break };
            let text = self.slice(node);
            has_not |= text != "-";
            if text == "!" {
                self.foreign_not(node);
            }
            count += 1;
        }
        if count == 0 {
            return self.operand(cursor);
        }
        let prefixes: Vec<Node> = {
            let mut again = Cursor { at: first, end: cursor.at };
            std::iter::from_fn(|| self.next(&mut again).map(|(_, node)| node)).collect()
        };
        let mut operand = if self.depth > MOST_DEPTH {
            cursor.at = cursor.end;
            self.error_at(cursor)
        } else if has_not {
            self.depth += 1;
            let operand = self.climb(cursor, NOT);
            self.depth -= 1;
            operand
        } else {
            self.operand(cursor)
        };
        if count > MOST_LINKS {
            self.too_long(self.span(prefixes[0]));
            return self.make(operand.span, ExpressionKind::Error);
        }
        for node in prefixes.into_iter().rev() {
            let operator = if self.slice(node) == "-" { UnaryOperator::Negate } else { UnaryOperator::Not };
            self.height += 1;
            operand = self.make(self.span(node).to(operand.span), ExpressionKind::Unary { operator, operand });
        }
        operand
    }

    fn foreign_not(&mut self, node: Node) {
        let span = self.span(node);
        self.diagnostics.push(Diagnostic::new(&diagnostics::FOREIGN, span, &[("found", &"!"), ("right", &"not")]).fix(
            "Write `not`",
            span,
            "not ",
        ));
    }

    /// One operand with what follows it: members, calls, indexes, the object of an application.
    fn operand(&mut self, cursor: &mut Cursor) -> Expression {
        let mut base = self.primary(cursor);
        let mut links = 0;
        while let Some(rule) = self.peek(cursor) {
            let index = cursor.at;
            let node = self.nodes[index as usize];
            let kind = match rule {
                Rule::member => {
                    let text = self.slice(node);
                    let dot = text.find('.').unwrap_or(0) + 1;
                    let name = Name {
                        text: SmolStr::new(&text[dot..]),
                        span: self.span_of(node.start + dot as u32, node.end),
                    };
                    ExpressionKind::Member { base: base.clone(), name, optional: dot == 2 }
                }
                Rule::call => ExpressionKind::Call { callee: base.clone(), arguments: self.arguments(index) },
                Rule::index => {
                    let mut inner = self.children(index);
                    let key = self.expression(&mut inner);
                    ExpressionKind::Index { base: base.clone(), index: key }
                }
                Rule::application => {
                    let body = self.object(index);
                    match &*base.kind {
                        ExpressionKind::Call { callee, arguments } => {
                            ExpressionKind::Apply { callee: callee.clone(), arguments: Some(arguments.clone()), body }
                        }
                        _ => ExpressionKind::Apply { callee: base.clone(), arguments: None, body },
                    }
                }
                _ => break,
            };
            cursor.at = node.next;
            links += 1;
            self.height += 1;
            let span = base.span.to(self.span(node));
            base = if links > MOST_LINKS {
                self.too_long(self.span(node));
                self.height = 0;
                links = 0;
                self.make(span, ExpressionKind::Error)
            } else {
                self.make(span, kind)
            };
        }
        base
    }

    /// `a.b.C` without a call or an object.
    pub(super) fn path(&mut self, cursor: &mut Cursor) -> Expression {
        let mut part = *cursor;
        self.next(&mut part);
        while self.peek(&part) == Some(Rule::member) {
            self.next(&mut part);
        }
        let mut own = Cursor { at: cursor.at, end: part.at };
        cursor.at = part.at;
        self.expression(&mut own)
    }

    fn arguments(&mut self, index: u32) -> Vec<Argument> {
        let mut cursor = self.children(index);
        let mut arguments = Vec::new();
        while self.peek(&cursor).is_some() {
            let name = self.take(&mut cursor, Rule::argument_name).map(|(_, node)| {
                let text = self.slice(node);
                let text = text.trim_end_matches(|c: char| c == '=' || c.is_whitespace());
                Name { text: SmolStr::new(text), span: self.span_of(node.start, node.start + text.len() as u32) }
            });
            arguments.push(Argument { name, value: self.expression(&mut cursor) });
        }
        arguments
    }

    pub(super) fn primary(&mut self, cursor: &mut Cursor) -> Expression {
        let Some((index, node)) = self.next(cursor) else { return self.error_at(cursor) };
        let span = self.span(node);
        let kind = match node.rule {
            Rule::name => self.word(node),
            Rule::string | Rule::triple => ExpressionKind::String(self.quoted(index, node)),
            Rule::raw_string => ExpressionKind::String(self.plain_text(node, 2)),
            Rule::foreign_string => {
                self.single_quotes(node);
                ExpressionKind::String(self.plain_text(node, 1))
            }
            Rule::number => self.number(node),
            Rule::jsonata => {
                ExpressionKind::Jsonata(SmolStr::new(&self.text[node.start as usize + 2..node.end as usize - 2]))
            }
            Rule::object | Rule::empty_object => ExpressionKind::Object(self.object(index)),
            Rule::list => self.list(index),
            Rule::group => {
                let mut inner = self.children(index);
                ExpressionKind::Group(self.expression(&mut inner))
            }
            Rule::block_value => {
                let mut inner = self.children(index);
                let word = self.next(&mut inner).map_or("", |(_, node)| self.slice(node));
                let block = match self.take(&mut inner, Rule::block) {
                    Some((index, _)) => self.block(index),
                    None => Block::default(),
                };
                if word == "machine" { ExpressionKind::Machine(block) } else { ExpressionKind::Pipeline(block) }
            }
            _ => ExpressionKind::Error,
        };
        self.make(span, kind)
    }

    fn word(&mut self, node: Node) -> ExpressionKind {
        let text = self.slice(node);
        let foreign = match text {
            "true" => return ExpressionKind::Bool(true),
            "false" => return ExpressionKind::Bool(false),
            "none" => return ExpressionKind::None,
            "null" => return ExpressionKind::Null,
            "True" | "TRUE" => ("true", ExpressionKind::Bool(true)),
            "False" | "FALSE" => ("false", ExpressionKind::Bool(false)),
            "None" | "NONE" | "nil" | "undefined" => ("none", ExpressionKind::None),
            "NULL" | "Null" => ("null", ExpressionKind::Null),
            "\u{1}" => return ExpressionKind::Error,
            _ if is_reserved(text) => {
                let span = self.span(node);
                self.diagnostics.push(Diagnostic::new(&diagnostics::RESERVED, span, &[("word", &text)]));
                return ExpressionKind::Error;
            }
            _ => return ExpressionKind::Name(SmolStr::new(text)),
        };
        self.foreign(self.span(node), text, foreign.0);
        foreign.1
    }

    fn list(&mut self, index: u32) -> ExpressionKind {
        let mut cursor = self.children(index);
        if self.peek(&cursor) == Some(Rule::kw_for) {
            let clause = Box::new(self.for_clause(&mut cursor));
            return ExpressionKind::ListComprehension { clause, element: self.expression(&mut cursor) };
        }
        let mut elements = Vec::with_capacity(self.count(cursor));
        while self.peek(&cursor).is_some() {
            let spread = self.take(&mut cursor, Rule::spread).is_some();
            elements.push(Element { spread, value: self.expression(&mut cursor) });
        }
        ExpressionKind::List(elements)
    }
}
