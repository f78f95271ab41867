//! Kinds by name: which one an expression means, and what there is instead of a misspelt one.

use std::sync::{Arc, OnceLock};

use smol_str::SmolStr;

use super::application::Context;
use super::types::stage_of;
use super::{Evaluator, KindInfo, Scope};
use crate::diagnostics::{self as d, Diagnostic, closest, list_of};
use crate::kinds::{self, Kind};
use crate::resolve::Global;
use crate::syntax::tree::{self, DeclarationKind, Expression, ExpressionKind};
use crate::types::{Type, Value, conform};

impl Evaluator<'_> {
    /// The kind that an expression names, if it names one.
    pub(crate) fn kind_of(&mut self, callee: &Expression, scope: &Scope<'_>) -> Option<Global> {
        let global = match &*callee.kind {
            ExpressionKind::Name(name) => {
                if scope.local(name).is_some() {
                    return None;
                }
                let found = self.modules.find(callee.span.file, name)?;
                // A workflow or type of the same name does not hide a kind of the library; a function does.
                if self.is_applicable(found) || self.is_function(found) {
                    found
                } else {
                    self.modules.find_library(name)?
                }
            }
            ExpressionKind::Member { base, name, .. } => {
                let ExpressionKind::Name(first) = &*base.kind else { return None };
                match self.modules.find(callee.span.file, first)? {
                    Global::Namespace(file) => self.modules.member(file, &name.text)?,
                    Global::Declaration(..) => return None,
                }
            }
            _ => return None,
        };
        if !self.is_applicable(global) {
            return None;
        }
        self.applied.insert(global);
        self.note_applied(global);
        Some(global)
    }

    fn is_function(&self, global: Global) -> bool {
        self.modules.declaration(global).is_some_and(|(tree, index)| {
            matches!(tree.declarations[index].kind, DeclarationKind::Let { parameters: Some(_), .. })
        })
    }

    pub(super) fn is_applicable(&self, global: Global) -> bool {
        self.modules.declaration(global).is_some_and(|(tree, index)| {
            matches!(tree.declarations[index].kind, DeclarationKind::Kind { .. } | DeclarationKind::Component { .. })
        })
    }

    /// A kind with the types of its fields, read once.
    pub(crate) fn kind(&mut self, global: Global) -> Option<Arc<KindInfo>> {
        if let Some(known) = self.kinds.get(&global) {
            return known.clone();
        }
        self.kinds.insert(global, None);
        let before = self.owned_by_global(global);
        let info = self.fresh_kind(global);
        self.owned_again_by(before);
        info
    }

    fn fresh_kind(&mut self, global: Global) -> Option<Arc<KindInfo>> {
        let mut chain: Vec<Arc<kinds::KindDeclaration>> = Vec::new();
        let mut next = Some(global);
        let mut visited: Vec<Global> = Vec::new();
        while let Some(at) = next {
            visited.push(at);
            let (tree, index) = self.modules.declaration(at)?;
            let Global::Declaration(file, _) = at else { return None };
            let declaration = kinds::read(&tree.declarations[index], file, &mut self.diagnostics)?;
            next = match &declaration.base {
                Some(base) => match self.modules.find(file, &base.text) {
                    Some(found) if self.is_kind_declaration(found) => {
                        let repeated = chain.iter().any(|part| part.file == file && part.name.text == base.text)
                            || (declaration.file == file && declaration.name.text == base.text);
                        if repeated {
                            self.report(Diagnostic::new(&d::KIND_CYCLE, base.span, &[("name", &base.text)]));
                            // The circle is one mistake, whichever of its kinds is used.
                            for part in visited {
                                self.kinds.insert(part, None);
                            }
                            return None;
                        } else {
                            Some(found)
                        }
                    }
                    _ => {
                        let names = self.kind_names(file, None);
                        let found = Diagnostic::new(&d::UNKNOWN_KIND, base.span, &[("name", &base.text)]).suggest(
                            &base.text,
                            base.span,
                            names.iter().map(|name| name.as_str()),
                        );
                        self.report(found);
                        return None;
                    }
                },
                None => None,
            };
            chain.push(Arc::new(declaration));
        }
        let kind = Kind::flatten(chain, &mut self.diagnostics);
        let types: Vec<Type> = kind.fields.iter().map(|field| self.field_type(field)).collect();
        let parameters = kind.parameters.iter().map(|field| self.field_type(field)).collect();
        let constants = self.constants(&kind, &types);
        let info = Arc::new(KindInfo { kind, types, parameters, constants, hidden: OnceLock::new() });
        self.kinds.insert(global, Some(info.clone()));
        Some(info)
    }

    /// Defaults and fixed values that are the same for every application.
    pub(super) fn constants(&mut self, kind: &Kind, types: &[Type]) -> Vec<Option<Value>> {
        let mut constants = Vec::with_capacity(kind.fields.len());
        for (field, type_) in kind.fields.iter().zip(types) {
            let name = &field.name.text;
            let fixed = kind.fixes.iter().find(|(fixed, _)| fixed.text == *name).map(|(_, value)| value.clone());
            let expression = fixed.or_else(|| field.default.clone());
            let mut is_constant = !matches!(type_.required(), Type::Outputs(_) | Type::File);
            if let Some(expression) = &expression {
                super::walk::walk_names(expression, &mut |_, _| is_constant = false);
            }
            constants.push(match expression {
                Some(expression) if is_constant => {
                    let value = self.evaluate(&expression, &Scope::file());
                    let mut mismatches = Vec::new();
                    let fitted = conform(&value, type_, stage_of(field.stage), self, &mut mismatches);
                    // One that does not fit matters only where it is used.
                    mismatches.is_empty().then_some(fitted)
                }
                _ => None,
            });
        }
        constants
    }

    pub(super) fn field_type(&mut self, field: &tree::Field) -> Type {
        match &field.type_ {
            Some(written) => {
                let type_ = self.type_of(written);
                if field.optional { type_.optional() } else { type_ }
            }
            None => Type::Any,
        }
    }

    pub(super) fn is_kind_declaration(&self, global: Global) -> bool {
        self.modules
            .declaration(global)
            .is_some_and(|(tree, index)| matches!(tree.declarations[index].kind, DeclarationKind::Kind { .. }))
    }

    /// The names of kinds and components that can be used in a file, those that fit a word if one is given.
    pub(crate) fn kind_names(&mut self, file: crate::source::FileId, word: Option<&str>) -> Vec<SmolStr> {
        let names = self.modules.names(file);
        let mut found = Vec::new();
        for name in names {
            let Some(global) = self.modules.find(file, &name) else { continue };
            let Some((tree, index)) = self.modules.declaration(global) else { continue };
            let is_kind = matches!(
                tree.declarations[index].kind,
                DeclarationKind::Kind { .. } | DeclarationKind::Component { .. }
            );
            if !is_kind || name.ends_with("_settings") {
                continue;
            }
            match word {
                None => found.push(name),
                Some(word) => {
                    if self.kind(global).is_some_and(|info| info.kind.roles.iter().any(|role| role.text == word)) {
                        found.push(name);
                    }
                }
            }
        }
        found
    }

    /// What is said where `word name = …` is followed by something that is no application of a kind.
    pub(crate) fn not_a_kind(&mut self, value: &Expression, scope: &Scope<'_>, context: &Context<'_>) {
        if let ExpressionKind::Name(_) = &*value.kind
            && self.kind_of(value, scope).is_some()
        {
            let name = self.modules.sources.text(value.span).to_owned();
            let found = Diagnostic::new(&d::KIND_AS_VALUE, value.span, &[("name", &name)]);
            self.report(found.fix(format!("Write `{name} {{ }}`"), value.span.at_end(), " { }"));
            return;
        }
        if let ExpressionKind::Name(_) = &*value.kind {
            self.unknown_kind(value, context);
            return;
        }
        let found = Diagnostic::new(&d::NO_KIND, value.span, &[("word", &context.word), ("name", &context.name)]);
        self.report(found.help(format!("write `{} {} = kind {{ … }}`", context.word, context.name)));
    }

    pub(crate) fn unknown_kind(&mut self, callee: &Expression, context: &Context<'_>) {
        let name = self.modules.sources.text(callee.span).to_owned();
        let found = Diagnostic::new(&d::UNKNOWN_KIND, callee.span, &[("name", &name)]);
        let all = self.kind_names(callee.span.file, None);
        let found = match closest(&name, all.iter().map(|name| name.as_str())) {
            Some(near) => {
                found.help(format!("did you mean `{near}`?")).fix(format!("Change to `{near}`"), callee.span, near)
            }
            None => {
                let fitting = self.kind_names(callee.span.file, Some(context.word));
                if fitting.is_empty() || fitting.len() > 16 {
                    found
                } else {
                    found.help(format!(
                        "for `{}` there is {}",
                        context.word,
                        list_of(fitting.iter().map(|n| n.as_str()))
                    ))
                }
            }
        };
        self.report(found);
    }
}
