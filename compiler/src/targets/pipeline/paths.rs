//! Paths that are written as the service has them: whether they lead to something that is there.

use smol_str::SmolStr;

use super::Emitter;
use crate::facts::{ApiName, ShapeId, ShapeKind, StepMember, StepValue};
use crate::source::Span;

/// What a path has led to so far.
enum At<'f> {
    Shape(SmolStr, ShapeId),
    Value(&'f StepValue),
    /// Anything may be below.
    Open,
}

impl Emitter<'_> {
    /// The part of `Steps.name.…` after the name, against what a step of that type gives.
    pub(super) fn check_properties(&mut self, path: &str, rest: &str, type_: &str, place: Span) {
        let facts = self.context.facts;
        let Some(step) = facts.pipeline_step(type_) else { return };
        let properties = &step.properties;
        if properties.open.is_some() {
            return;
        }
        let Some((segments, mut at)) = Some(segments(rest)).filter(|list| !list.is_empty()).map(|list| (list, None))
        else {
            return;
        };
        for (index, segment) in segments.iter().enumerate() {
            let name = segment.as_str();
            let known: Vec<SmolStr>;
            let next = match (index, &at) {
                (0, _) => {
                    if name == "PropertyFiles" {
                        return;
                    }
                    let found = member(&properties.members, name);
                    let of_shape = properties.shapes.iter().find_map(|shape| self.shape_member(shape, name));
                    known = properties
                        .members
                        .iter()
                        .map(|member| SmolStr::from(member.name.as_str()))
                        .chain(properties.shapes.iter().flat_map(|shape| self.shape_members(shape)))
                        .collect();
                    found.or(of_shape)
                }
                (_, Some(At::Value(StepValue::Object { members }))) => {
                    known = members.iter().map(|member| member.name.as_str().into()).collect();
                    member(members, name)
                }
                (_, Some(At::Value(StepValue::List { of, .. } | StepValue::Map { of }))) => {
                    known = Vec::new();
                    Some(At::Value(of))
                }
                (_, Some(At::Shape(service, id))) => {
                    let Some(model) = facts.service(service) else { return };
                    match &model.shape(*id).kind {
                        ShapeKind::Structure { members, .. } => {
                            known = members.iter().map(|member| member.name.clone()).collect();
                            let found = members.iter().find(|member| member.name == name);
                            found.map(|member| At::Shape(service.clone(), member.shape))
                        }
                        ShapeKind::List { member, .. } | ShapeKind::Map { value: member, .. } => {
                            known = Vec::new();
                            Some(At::Shape(service.clone(), *member))
                        }
                        _ => return,
                    }
                }
                _ => return,
            };
            match next {
                Some(next) => at = Some(next),
                None if known.is_empty() => return,
                None => {
                    self.leads_nowhere(path, "member", name, known, place);
                    return;
                }
            }
        }
    }

    fn shape(&self, name: &ApiName) -> Option<(SmolStr, ShapeId)> {
        let service = self.context.facts.service(name.service())?;
        Some((name.service().into(), service.shape_id(name.name())?))
    }

    fn shape_members(&self, name: &ApiName) -> Vec<SmolStr> {
        let Some((service, id)) = self.shape(name) else { return Vec::new() };
        let Some(model) = self.context.facts.service(&service) else { return Vec::new() };
        match &model.shape(id).kind {
            ShapeKind::Structure { members, .. } => members.iter().map(|member| member.name.clone()).collect(),
            _ => Vec::new(),
        }
    }

    fn shape_member<'f>(&self, shape: &ApiName, name: &str) -> Option<At<'f>> {
        let (service, id) = self.shape(shape)?;
        let model = self.context.facts.service(&service)?;
        match &model.shape(id).kind {
            ShapeKind::Structure { members, .. } => {
                let found = members.iter().find(|member| member.name == name)?;
                Some(At::Shape(service, found.shape))
            }
            _ => Some(At::Open),
        }
    }
}

fn member<'f>(members: &'f [StepMember], name: &str) -> Option<At<'f>> {
    members.iter().find(|member| member.name == name).map(|member| At::Value(&member.value))
}

/// `.A[0]['b']` as its parts.
fn segments(rest: &str) -> Vec<String> {
    let parts = rest.split(['.', '[']).map(|part| part.trim_end_matches(']').trim_matches('\'').to_owned());
    parts.filter(|part| !part.is_empty()).collect()
}
