//! Roles and what they may do: one for each workflow and service that its steps hand work to, one for each thing that is
//! deployed and acts by itself. Which actions a thing needs is said by its kind; which service takes a role on, too.

use std::sync::Arc;

use smol_str::{SmolStr, format_smolstr};

use super::application::{Context, Fields};
use super::{Evaluator, KindInfo, Scope};
use crate::diagnostics::{self as d, Diagnostic, closest};
use crate::kinds::Kind;
use crate::plan::{RolePlan, StatementPlan};
use crate::source::Span;
use crate::syntax::tree::Expression;
use crate::types::{Class, Data, Entry, FunctionBody, LateKind, Stage, Type, Value};

impl Evaluator<'_> {
    /// `self.role` of an application: the given role, or one that is derived. `id` is there where it is derived.
    pub(super) fn own_role(
        &mut self,
        info: &Arc<KindInfo>,
        fields: &Fields,
        names: &[(SmolStr, Value)],
        context: &Context<'_>,
    ) -> Value {
        let span = context.name_span;
        let kind = &info.kind;
        let given = names.iter().chain(&fields.common).find(|(key, value)| key == "role" && !value.is_none());
        let given = given.map(|(_, value)| value.clone());
        let Some((service, _)) = kind.role().cloned() else {
            let of_project = || self.project.as_ref().and_then(|project| project.settings.get("role").cloned());
            let arn = given.or_else(of_project).unwrap_or_else(|| Value::none(span));
            return Value::object(Class::Plain, vec![Entry::new("arn", arn)], span);
        };
        let inner = Scope { parent: None, names: names.to_vec(), block: None };
        let service = self.evaluate(&service, &inner);
        let Some(service) = service.as_string().cloned() else {
            return Value::object(Class::Plain, vec![Entry::new("arn", Value::error(span))], span);
        };
        let is_step = kind.is_step();
        let of_project = || self.project_setting("role").filter(|_| is_step);
        let mut entries = vec![Entry::new("service", Value::string(service.clone(), span))];
        match given.or_else(of_project) {
            Some(role) => entries.push(Entry::new("arn", role)),
            None => {
                let id = self.role_id(&service, is_step, context);
                self.ensure_role(&id, &service, context);
                entries.push(Entry::new("arn", self.attribute(&id, Some("Arn"), Type::Arn, span)));
                entries.push(Entry::new("ref", self.attribute(&id, None, Type::STRING, span)));
                entries.push(Entry::new("id", Value::string(id, span)));
            }
        }
        Value::object(Class::Plain, entries, span)
    }

    /// Steps of a workflow share one role for each service; everything else has its own.
    fn role_id(&mut self, service: &str, is_step: bool, context: &Context<'_>) -> SmolStr {
        let word = service.split('.').next().unwrap_or(service);
        if is_step {
            let workflow = self.workflow.as_ref().map(|workflow| workflow.name.clone());
            let before = std::mem::replace(&mut self.deploying.path, workflow.into_iter().collect());
            let id = self.logical_id(&format!("{word}_role"));
            self.deploying.path = before;
            return id;
        }
        self.logical_id(&if context.name == "main" { "role".to_owned() } else { format!("{}_role", context.name) })
    }

    fn ensure_role(&mut self, id: &SmolStr, service: &SmolStr, context: &Context<'_>) {
        if self.deploying.plan.role(id).is_some() {
            return;
        }
        let span = if self.here.is_none() { context.name_span } else { self.here };
        self.take_id(id, span);
        let table = |this: &mut Self, name: &str| this.library_value(name);
        let trust = table(self, "role_trust").and_then(|table| table.get(service).cloned());
        let trust: Vec<SmolStr> = match trust.as_ref().and_then(Value::as_list) {
            Some(list) => list.iter().filter_map(|item| item.as_string().cloned()).collect(),
            None => vec!["sts:AssumeRole".into()],
        };
        let own = table(self, "role_own_account").and_then(|list| list.as_list().cloned());
        let only_own_account = own.is_some_and(|list| list.iter().any(|item| item.as_string() == Some(service)));
        let owner = match &self.workflow {
            Some(workflow) => format!("workflow {}", workflow.name),
            None => format!("{} {}", context.word, context.name),
        };
        let boundary = self.project_setting("permission_boundary");
        let tags = self.project_setting("tags");
        self.deploying.plan.roles.push(RolePlan {
            id: id.clone(),
            service: service.clone(),
            trust,
            only_own_account,
            statements: Vec::new(),
            boundary,
            tags,
            owner,
            span,
        });
    }

    /// What a kind's `allow` grants to the role it runs with, where that role is derived.
    pub(super) fn allows(&mut self, kind: &Kind, scope: &Scope<'_>, context: &Context<'_>) {
        let allows: Vec<_> = kind.allows().cloned().collect();
        if allows.is_empty() {
            return;
        }
        let role = scope.local("self").and_then(|own| own.get("role")).cloned();
        let Some(id) = role.as_ref().and_then(|role| role.get("id")).and_then(|id| id.as_string().cloned()) else {
            return;
        };
        for (body, span) in allows {
            let value = self.object(&body, scope, span);
            let statements = self.statements(&value, context);
            self.grant(&id, statements);
        }
    }

    /// What the role that runs the workflow must be allowed for a step: its call, what the clause of its kind says, and to
    /// hand the step's own role on.
    pub(super) fn runner_grants(
        &mut self,
        kind: &Kind,
        clause: Option<&Expression>,
        run: &Value,
        scope: &Scope<'_>,
        context: &Context<'_>,
    ) {
        let mut statements = Vec::new();
        if let Some(clause) = clause {
            let value = self.evaluate(clause, scope);
            statements.extend(self.statements(&value, context));
        }
        if let Some(call) = kind.call().cloned()
            && let Some((service, operation)) = call_names(&call.path)
        {
            let request = scope.local("request").cloned().unwrap_or_else(|| Value::none(context.name_span));
            let way = run.get("integration").and_then(|way| way.as_string().cloned()).unwrap_or_default();
            statements.extend(self.call_grants(&service, &operation, &way, &request, context));
        }
        // Calls that the clause makes beside the step's own.
        for entry in run.as_object().map(|object| object.entries.clone()).unwrap_or_default() {
            let call = entry.value.get("call").unwrap_or(&entry.value);
            if let Some((service, operation, request)) = call.as_call() {
                let request = Value::object(Class::Plain, request.entries.clone(), call.span);
                statements.extend(self.call_grants(service, operation, "", &request, context));
            }
        }
        let role = scope.local("self").and_then(|own| own.get("role")).cloned();
        if let Some(role) = role
            && let (Some(arn), Some(service)) = (role.get("arn"), role.get("service").and_then(Value::as_string))
            && !arn.is_none()
            && !arn.is_error()
        {
            statements.push(self.hand_over(arn, service, self.asker(context.name_span)));
        }
        self.enter_runner(statements, &context.name);
    }

    /// Notes what a step asks of the role that runs it.
    pub(super) fn enter_runner(&mut self, statements: Vec<StatementPlan>, step: &str) {
        let part = self.part_of(step);
        self.deploying.runner.extend(statements.into_iter().map(|statement| (part, statement)));
    }

    /// The name in the user's text that asks for something: of a step in a component of the library, the component's.
    fn asker(&self, span: Span) -> Span {
        if self.is_users(span) || self.deploying.asker.is_none() { span } else { self.deploying.asker }
    }

    /// Handing a role to the service that takes it on.
    pub(super) fn hand_over(&self, arn: &Value, service: &SmolStr, span: Span) -> StatementPlan {
        let plain = |key: &str, value: Value| Value::object(Class::Plain, vec![Entry::new(key, value)], span);
        let word = service.split('.').next().unwrap_or(service);
        StatementPlan {
            purpose: format_smolstr!("hand over {word}"),
            actions: vec!["iam:PassRole".into()],
            resources: vec![arn.clone().at(span)],
            condition: Some(plain("StringEquals", plain("iam:PassedToService", Value::string(service.clone(), span)))),
            spans: vec![span],
        }
    }

    /// Roles that a call written by hand hands on: whatever its request calls a role.
    pub(super) fn handed_roles(&self, request: &Value, span: Span) -> Vec<StatementPlan> {
        let mut found = Vec::new();
        if let Data::Object(object) = &request.data {
            for entry in &object.entries {
                if entry.key.ends_with("RoleArn") && !entry.value.is_none() && entry.value.stage() <= Stage::Deploy {
                    found.push(StatementPlan {
                        purpose: "hand over roles".into(),
                        actions: vec!["iam:PassRole".into()],
                        resources: vec![entry.value.clone()],
                        condition: None,
                        spans: vec![span],
                    });
                } else {
                    found.extend(self.handed_roles(&entry.value, span));
                }
            }
        }
        found
    }

    /// What an engine's role needs to make a call: an entry of `<engine>_grants`, which may be a function of the request,
    /// or else the action of the call's own name. `way` is how the engine makes it, where there are several.
    pub(super) fn call_grants(
        &mut self,
        service: &str,
        operation: &str,
        way: &str,
        request: &Value,
        context: &Context<'_>,
    ) -> Vec<StatementPlan> {
        let Some(engine) = self.step_engine(&context.name).map(|engine| engine.name()) else { return Vec::new() };
        let table = self.library_value(&format!("{engine}_grants"));
        let call = format!("{service}.{operation}");
        let entry = table.as_ref().and_then(|table| table.get(&format!("{call}.{way}")).or_else(|| table.get(&call)));
        match entry.cloned() {
            Some(Value { data: Data::Function(function), span }) => match &function.body {
                FunctionBody::Declared { parameters, body, captured } => {
                    let arguments = vec![(None, request.clone())];
                    let value = self.call_declared(&function.name, parameters, body, captured, arguments, span);
                    self.statements(&value, context)
                }
                FunctionBody::BuiltIn => Vec::new(),
            },
            Some(value) => self.statements(&value, context),
            None => self.own_action(service, operation, request, self.asker(context.name_span)).into_iter().collect(),
        }
    }

    /// The action that a call is named after, on what its request names.
    fn own_action(&mut self, service: &str, operation: &str, request: &Value, span: Span) -> Option<StatementPlan> {
        let prefixes = self.library_value("iam_prefixes");
        let prefix =
            prefixes.as_ref().and_then(|table| table.get(service)).and_then(|prefix| prefix.as_string().cloned());
        let prefix = prefix.unwrap_or_else(|| service.replace('_', "-").into());
        let permissions = self.facts.permissions(&prefix)?;
        let action = permissions.action(operation)?;
        let aws = self.aws(span);
        let mut resources = Vec::new();
        for kind in &action.resources {
            let named = kind.split('-').map(super::request::pascal).collect::<String>();
            let known = [format!("{named}Name"), format!("{named}Arn"), format!("{named}Id")];
            let given = known.iter().find_map(|key| request.get(key).map(|value| (key, value.clone())));
            let given = given.filter(|(_, value)| !value.is_none() && value.stage() <= Stage::Deploy);
            if let Some((key, value)) = &given
                && key.ends_with("Arn")
            {
                resources.push(value.clone());
                continue;
            }
            for format in permissions.arn_formats(kind) {
                let mut parts = Vec::new();
                let mut rest = format.as_str();
                while let Some(at) = rest.find(['$', '.']) {
                    parts.push(Value::string(&rest[..at], span));
                    rest = &rest[at..];
                    if let Some(tail) = rest.strip_prefix(".*") {
                        let own = given.as_ref().map(|(_, value)| value.clone());
                        parts.push(own.unwrap_or_else(|| Value::string("*", span)));
                        rest = tail;
                    } else if let Some((name, tail)) = rest.strip_prefix("${").and_then(|rest| rest.split_once('}')) {
                        let part = aws.get(&name.to_lowercase()).cloned();
                        parts.push(part.unwrap_or_else(|| Value::string("*", span)));
                        rest = tail;
                    } else {
                        parts.push(Value::string(&rest[..1], span));
                        rest = &rest[1..];
                    }
                }
                parts.push(Value::string(rest, span));
                resources.push(self.join("", parts, span));
            }
        }
        if resources.is_empty() {
            resources.push(Value::string("*", span));
        }
        Some(StatementPlan {
            purpose: format_smolstr!("{prefix} {operation}"),
            actions: vec![format_smolstr!("{prefix}:{operation}")],
            resources,
            condition: None,
            spans: vec![span],
        })
    }

    /// Statements as kinds write them: `{ purpose = { actions, resources, condition } }`, lists of such, `none` for nothing.
    pub(super) fn statements(&mut self, value: &Value, context: &Context<'_>) -> Vec<StatementPlan> {
        let mut found = Vec::new();
        match &value.data {
            Data::Object(object) if object.get("actions").is_some() => {
                found.extend(self.statement("", value, context));
            }
            Data::Object(object) => {
                for entry in object.entries.clone() {
                    match &entry.value.data {
                        Data::List(items) => {
                            for item in items.iter() {
                                found.extend(self.statement(&entry.key, item, context));
                            }
                        }
                        Data::None | Data::Error => {}
                        _ => found.extend(self.statement(&entry.key, &entry.value, context)),
                    }
                }
            }
            Data::List(items) => {
                for item in items.iter() {
                    found.extend(self.statements(item, context));
                }
            }
            _ => {}
        }
        found
    }

    fn statement(&mut self, purpose: &str, value: &Value, context: &Context<'_>) -> Option<StatementPlan> {
        if value.is_none() || value.is_error() {
            return None;
        }
        let is_users = self.is_users(value.span) && !value.span.is_none();
        let value = &if is_users { value.clone() } else { without_late_resources(value) };
        let fitted = match self.library_type("statement") {
            Some(type_) => self.fit(value, &type_, Stage::Deploy, format_args!("a permission")),
            None => value.clone(),
        };
        let texts = |value: Option<&Value>| -> Vec<Value> {
            match value.map(|value| &value.data) {
                Some(Data::List(items)) => items.iter().filter(|item| !item.is_none()).cloned().collect(),
                Some(Data::None) | None => Vec::new(),
                Some(_) => value.cloned().into_iter().collect(),
            }
        };
        let actions: Vec<SmolStr> =
            texts(fitted.get("actions")).iter().filter_map(|action| action.as_string().cloned()).collect();
        let mut resources = texts(fitted.get("resources"));
        let has_resources = fitted.get("resources").is_some_and(|resources| !resources.is_none());
        if has_resources && resources.is_empty() {
            // Nothing to act on: nothing to allow.
            return None;
        }
        for action in &actions {
            self.check_action(action, value.span, context);
        }
        if !has_resources {
            resources.push(Value::string("*", value.span));
        }
        if is_users {
            self.check_width(&actions, &resources, value.span);
        }
        let span = if is_users { value.span } else { self.asker(context.name_span) };
        let purpose = fitted.get("purpose").and_then(Value::as_string).cloned().unwrap_or_else(|| purpose.into());
        let condition = fitted.get("condition").filter(|condition| !condition.is_none()).cloned();
        (!actions.is_empty()).then(|| StatementPlan { purpose, actions, resources, condition, spans: vec![span] })
    }

    /// An action that IAM does not know never matches anything.
    fn check_action(&mut self, action: &SmolStr, span: Span, context: &Context<'_>) {
        let Some((prefix, name)) = action.split_once(':') else {
            let place = if self.is_users(span) { span } else { context.name_span };
            self.report(Diagnostic::new(&d::UNKNOWN_ACTION, place, &[("action", action)]));
            return;
        };
        if name.contains('*') || self.actions.contains(action) {
            return;
        }
        let Some(known) = self.facts.permissions(prefix) else {
            let prefixes = self.facts.permission_prefixes();
            let near = closest(prefix, prefixes.iter().copied()).map(|near| format!("did you mean `{near}:{name}`?"));
            let found = Diagnostic::new(&d::UNKNOWN_ACTION, span, &[("action", action)]);
            self.report(found.help(near.unwrap_or_default()));
            return;
        };
        if known.action(name).is_none() {
            let all = known.actions();
            let near = closest(name, all.iter().map(|action| action.name.as_str()));
            let near = near.map(|near| format!("did you mean `{prefix}:{near}`?"));
            let found = Diagnostic::new(&d::UNKNOWN_ACTION, span, &[("action", action)]);
            self.report(found.help(near.unwrap_or_default()));
            return;
        }
        self.actions.insert(action.clone());
    }

    /// A warning for a grant that a user wrote wider than anything needs.
    fn check_width(&mut self, actions: &[SmolStr], resources: &[Value], span: Span) {
        if let Some(action) = actions.iter().find(|action| action.ends_with(":*") || **action == "*") {
            let what = format!("every action of `{}`", action.trim_end_matches(":*"));
            self.report(Diagnostic::new(&d::WILDCARD, span, &[("what", &what)]));
            return;
        }
        if !resources.iter().any(|resource| resource.as_string().is_some_and(|text| text == "*")) {
            return;
        }
        let limited = actions.iter().find(|action| {
            let Some((prefix, name)) = action.split_once(':') else { return false };
            let known = self.facts.permissions(prefix).and_then(|known| known.action(name));
            known.is_some_and(|known| !known.resources.is_empty())
        });
        if let Some(action) = limited.cloned() {
            let what = format!("`{action}` on everything there is");
            self.report(Diagnostic::new(&d::WILDCARD, span, &[("what", &what)]));
        }
    }

    /// Adds statements to a role; what it has already gets one more place that asks for it.
    pub(super) fn grant(&mut self, id: &SmolStr, statements: Vec<StatementPlan>) {
        let Some(at) = self.deploying.plan.roles.iter().position(|role| role.id == *id) else { return };
        for statement in statements {
            let key = format!("{id} {}", statement_key(&statement));
            match self.deploying.granted.get(&key) {
                Some(index) => {
                    let known = &mut self.deploying.plan.roles[at].statements[*index].spans;
                    if known.last() != statement.spans.last() {
                        known.extend(statement.spans);
                    }
                }
                None => {
                    let statements = &mut self.deploying.plan.roles[at].statements;
                    self.deploying.statements.push(key.clone());
                    self.deploying.granted.insert(key, statements.len());
                    statements.push(statement);
                }
            }
        }
    }

    /// `location_of(uri)`: bucket and prefix of a location, as far as both are known when the stack is deployed; `none` for
    /// one that is known only while an execution runs.
    pub(super) fn location_of(&mut self, uri: &Value, span: Span) -> Value {
        let uri = match &uri.data {
            Data::Object(object) => match object.get("uri") {
                Some(uri) => uri.clone(),
                None => return Value::none(span),
            },
            _ => uri.clone(),
        };
        let mut parts = Vec::new();
        self.known_parts(&uri, &mut parts);
        let mut bucket: Vec<Value> = Vec::new();
        let mut prefix: Vec<Value> = Vec::new();
        let mut stage = 0;
        for part in parts {
            let Some(mut text) = part.as_string().map(|text| text.as_str()) else {
                match stage {
                    0 => return Value::none(span),
                    1 => bucket.push(part),
                    _ => prefix.push(part),
                }
                continue;
            };
            if stage == 0 {
                let Some((_, rest)) = text.split_once("://") else { return Value::none(span) };
                text = rest;
                stage = 1;
            }
            if stage == 1 {
                match text.split_once('/') {
                    Some((name, rest)) => {
                        bucket.push(Value::string(name, span));
                        text = rest;
                        stage = 2;
                    }
                    None => {
                        bucket.push(Value::string(text, span));
                        continue;
                    }
                }
            }
            prefix.push(Value::string(text, span));
        }
        bucket.retain(|part| part.as_string().is_none_or(|text| !text.is_empty()));
        if bucket.is_empty() {
            return Value::none(span);
        }
        let bucket = self.join("", bucket, span);
        let prefix = self.join("", prefix, span);
        Value::object(Class::Plain, vec![Entry::new("bucket", bucket), Entry::new("prefix", prefix)], span)
    }

    /// Every location that a value holds, each once.
    pub(super) fn locations_in(&mut self, value: &Value, span: Span) -> Value {
        let mut uris = Vec::new();
        collect_uris(value, &mut uris);
        let mut seen: Vec<String> = Vec::new();
        let mut found = Vec::new();
        for uri in uris {
            let location = self.location_of(&uri, span);
            let key = location.text_key();
            if !location.is_none() && !seen.contains(&key) {
                seen.push(key);
                found.push(location);
            }
        }
        Value::list(found, span)
    }

    /// The parts of a text up to the first that is known only while an execution runs; whether all are.
    fn known_parts(&self, value: &Value, out: &mut Vec<Value>) -> bool {
        match &value.data {
            Data::String(_) => {
                out.push(value.clone());
                true
            }
            Data::Int(number) => {
                out.push(Value::string(number.to_string(), value.span));
                true
            }
            Data::Late(late) => match &late.kind {
                LateKind::Join { separator, parts } => {
                    for (index, part) in parts.iter().enumerate() {
                        if index > 0 && !separator.is_empty() {
                            out.push(Value::string(separator.clone(), value.span));
                        }
                        if !self.known_parts(part, out) {
                            return false;
                        }
                    }
                    true
                }
                // What an execution is given instead needs a permission of its own.
                LateKind::Parameter(name) => {
                    let parameters = self.workflow.as_ref().map(|workflow| &workflow.parameters);
                    let default = parameters
                        .and_then(|list| list.iter().find(|parameter| parameter.name == *name))
                        .and_then(|parameter| parameter.default.clone());
                    default.is_some_and(|default| self.known_parts(&default, out))
                }
                LateKind::Aws(name) if name == "bucket" => false,
                _ if late.stage == Stage::Deploy => {
                    out.push(value.clone());
                    true
                }
                _ => false,
            },
            Data::Object(object) => object.get("uri").is_some_and(|uri| self.known_parts(uri, out)),
            _ => false,
        }
    }
}

/// What is known only while an execution runs cannot be named in a policy.
fn without_late_resources(value: &Value) -> Value {
    let Some(object) = value.as_object() else { return value.clone() };
    let mut entries = object.entries.clone();
    for entry in entries.iter_mut().filter(|entry| entry.key == "resources") {
        if let Data::List(items) = &entry.value.data {
            let kept = items.iter().filter(|item| item.stage() <= Stage::Deploy && !item.is_error()).cloned().collect();
            entry.value = Value::list(kept, entry.value.span);
        }
    }
    Value::object(Class::Plain, entries, value.span)
}

/// Texts that may be locations.
fn collect_uris(value: &Value, out: &mut Vec<Value>) {
    match &value.data {
        Data::String(text) if text.starts_with("s3://") => out.push(value.clone()),
        Data::Late(late) => match &late.kind {
            LateKind::Join { parts, .. } => {
                // Only what begins as a location is one.
                let begins = |part: &Value| match &part.data {
                    Data::String(text) => text.starts_with("s3://"),
                    Data::Late(late) => matches!(late.kind, LateKind::Join { .. } | LateKind::Parameter(_)),
                    _ => false,
                };
                if parts.first().is_some_and(begins) {
                    out.push(value.clone());
                }
            }
            LateKind::Parameter(_) => out.push(value.clone()),
            LateKind::Operation { name, operands } if name == "made by" => {
                operands.iter().take(1).for_each(|operand| collect_uris(operand, out));
            }
            _ => {}
        },
        Data::List(items) => items.iter().for_each(|item| collect_uris(item, out)),
        Data::Object(object) => match &object.class {
            Class::Data(_) | Class::File => out.extend(object.get("uri").cloned()),
            _ => object.entries.iter().for_each(|entry| collect_uris(&entry.value, out)),
        },
        _ => {}
    }
}

/// Service and operation of a call's path.
fn call_names(path: &Expression) -> Option<(SmolStr, SmolStr)> {
    use crate::syntax::tree::ExpressionKind;
    let ExpressionKind::Member { base, name: operation, .. } = &*path.kind else { return None };
    let ExpressionKind::Member { name: service, .. } = &*base.kind else { return None };
    Some((service.text.clone(), operation.text.clone()))
}

/// What makes two statements the same.
fn statement_key(statement: &StatementPlan) -> String {
    let mut key = format!("{}|{}|", statement.purpose, statement.actions.join(","));
    for resource in &statement.resources {
        key.push_str(&resource.text_key());
        key.push('|');
    }
    if let Some(condition) = &statement.condition {
        key.push_str(&condition.text_key());
    }
    key
}

/// What a value is, in one word.
pub(super) fn sort_of(value: &Value, span: Span) -> Value {
    let type_ = super::types::type_of_value(value);
    let word = match type_.required() {
        Type::None => "none",
        Type::Bool => "bool",
        Type::Int(_) | Type::Float(_) => "number",
        Type::Duration(_) => "duration",
        Type::Size(_) => "size",
        Type::Percent(_) => "percent",
        Type::List(_) => "list",
        Type::String(_) | Type::Uri | Type::Arn | Type::Regex | Type::Literals(_) => "text",
        _ => "object",
    };
    Value::string(word, span)
}
