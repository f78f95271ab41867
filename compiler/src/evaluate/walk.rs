//! The names that expressions and declarations read, without evaluating them.

use smol_str::SmolStr;

use crate::syntax::tree::{self, Declaration, DeclarationKind, EntryKind, Expression, ExpressionKind, StringPart};

/// Calls `found` for every name in an expression, with the members that follow it.
pub(crate) fn walk_names(expression: &Expression, found: &mut dyn FnMut(&str, &[SmolStr])) {
    match &*expression.kind {
        ExpressionKind::Name(name) => found(name, &[]),
        ExpressionKind::Member { base, name, .. } => {
            let mut path = vec![name.text.clone()];
            let mut at = base.clone();
            loop {
                let next = match &*at.kind {
                    ExpressionKind::Member { base, name, .. } => {
                        path.push(name.text.clone());
                        base.clone()
                    }
                    ExpressionKind::Name(first) => {
                        path.reverse();
                        found(first, &path);
                        return;
                    }
                    _ => break,
                };
                at = next;
            }
            walk_names(&at, found);
        }
        ExpressionKind::Group(inner) => walk_names(inner, found),
        ExpressionKind::String(parts) => {
            for part in parts {
                if let StringPart::Interpolation(inner) = part {
                    walk_names(inner, found);
                }
            }
        }
        ExpressionKind::Index { base, index } => {
            walk_names(base, found);
            walk_names(index, found);
        }
        ExpressionKind::Call { callee, arguments } => {
            walk_names(callee, found);
            arguments.iter().for_each(|argument| walk_names(&argument.value, found));
        }
        // What is applied is a kind, whatever a step beside it is called.
        ExpressionKind::Apply { arguments, body, .. } => {
            arguments.iter().flatten().for_each(|argument| walk_names(&argument.value, found));
            walk_object(body, found);
        }
        ExpressionKind::Object(object) => walk_object(object, found),
        ExpressionKind::List(elements) => elements.iter().for_each(|element| walk_names(&element.value, found)),
        ExpressionKind::ListComprehension { clause, element } => {
            walk_clause(clause, found);
            walk_names(element, found);
        }
        ExpressionKind::Unary { operand, .. } => walk_names(operand, found),
        ExpressionKind::Binary { left, right, .. } => {
            walk_names(left, found);
            walk_names(right, found);
        }
        ExpressionKind::If { condition, then, otherwise } => {
            walk_names(condition, found);
            walk_names(then, found);
            if let Some(otherwise) = otherwise {
                walk_names(otherwise, found);
            }
        }
        ExpressionKind::Machine(block) | ExpressionKind::Pipeline(block) => {
            block.declarations.iter().for_each(|declaration| walk_declaration(declaration, found));
        }
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

pub(super) fn walk_clause(clause: &tree::ForClause, found: &mut dyn FnMut(&str, &[SmolStr])) {
    walk_names(&clause.iterated, found);
    if let Some(condition) = &clause.condition {
        walk_names(condition, found);
    }
}

pub(super) fn walk_object(object: &tree::Object, found: &mut dyn FnMut(&str, &[SmolStr])) {
    for entry in &object.entries {
        match &entry.kind {
            EntryKind::Field { value, .. } => walk_names(value, found),
            EntryKind::Typed(field) => {
                if let Some(default) = &field.default {
                    walk_names(default, found);
                }
            }
            EntryKind::Shorthand(name) => found(&name.text, &[]),
            EntryKind::Computed { key, value } => {
                walk_names(key, found);
                walk_names(value, found);
            }
            EntryKind::Spread(value) => walk_names(value, found),
            EntryKind::Comprehension { clause, key, value } => {
                walk_clause(clause, found);
                walk_names(key, found);
                walk_names(value, found);
            }
            EntryKind::Error => {}
        }
    }
}

/// The names a declaration reads itself; those of a `when`'s blocks are read by their own declarations.
pub(super) fn walk_declaration(declaration: &Declaration, found: &mut dyn FnMut(&str, &[SmolStr])) {
    match &declaration.kind {
        DeclarationKind::Let { value, .. }
        | DeclarationKind::Binding { value, .. }
        | DeclarationKind::Setting { value, .. }
        | DeclarationKind::Output { value, .. }
        | DeclarationKind::Raw { value, .. } => walk_names(value, found),
        DeclarationKind::Param { default: Some(default), .. } => walk_names(default, found),
        DeclarationKind::When { branches, .. } => {
            branches.iter().for_each(|branch| walk_names(&branch.condition, found))
        }
        DeclarationKind::For { iterated, body, .. } | DeclarationKind::Each { iterated, body, .. } => {
            walk_names(iterated, found);
            body.declarations.iter().for_each(|declaration| walk_all(declaration, found));
        }
        DeclarationKind::Fail { message } => walk_names(message, found),
        DeclarationKind::Try { body } | DeclarationKind::OnFailure { body, .. } => {
            body.declarations.iter().for_each(|declaration| walk_all(declaration, found));
        }
        _ => {}
    }
}

/// The names a declaration and all blocks inside it read.
pub(super) fn walk_all(declaration: &Declaration, found: &mut dyn FnMut(&str, &[SmolStr])) {
    walk_declaration(declaration, found);
    if let DeclarationKind::When { branches, otherwise } = &declaration.kind {
        for block in branches.iter().map(|branch| &branch.body).chain(otherwise) {
            block.declarations.iter().for_each(|declaration| walk_all(declaration, found));
        }
    }
}
