//! Loops over data: a map whose turns are executions of their own, which read their items from S3. Such an execution sees
//! nothing of the variables around the loop, so what it needs of them is handed in with the items.

use std::collections::BTreeMap;

use smol_str::{SmolStr, format_smolstr};

use super::Emitter;
use super::document::{Json, Machine, State};
use super::states::Part;
use crate::plan::NodePlan;
use crate::types::{Class, Data, Object, Type, Value};

/// A loop whose turns see nothing from outside, while its body is written.
pub(super) struct Frame {
    /// The positions of the loop and of the last node in it.
    range: (u32, u32),
    /// What is handed in: the names it has inside, and what it is outside.
    given: BTreeMap<SmolStr, String>,
}

impl Emitter<'_> {
    /// A variable that is set by a node, or by no node, as it is called where it is read.
    pub(super) fn seen(&mut self, variable: &str, node: Option<usize>) -> String {
        let at = node.map(|node| self.layout.range(node).0);
        let mut name = SmolStr::from(variable);
        for frame in &mut self.frames {
            if at.is_some_and(|at| (frame.range.0..=frame.range.1).contains(&at)) {
                continue;
            }
            let inside = format_smolstr!("{name}_given");
            frame.given.insert(inside.clone(), format!("${name}"));
            name = inside;
        }
        format!("${name}")
    }

    /// What the context says of the execution that the workflow is, whatever execution a turn is.
    pub(super) fn seen_context(&mut self, word: &str, text: &str) -> String {
        let mut text = text.to_owned();
        for frame in &mut self.frames {
            let inside = format_smolstr!("execution_{word}_given");
            frame.given.entry(inside.clone()).or_insert(text);
            text = format!("${inside}");
        }
        text
    }

    /// `each row in data { }`
    pub(super) fn rows(&mut self, node: &NodePlan, data: &Object, settings: &Value, next: Option<&SmolStr>) -> Part {
        let here = node.span;
        let Some(at) = self.index.get(&node.id).copied() else { return Part::default() };
        let variable = self.uses.item(node.id).cloned().unwrap_or_else(|| "item".into());
        let batch = settings.get("batch").filter(|value| !value.is_none()).cloned();
        let reader = self.reader(node, data);

        self.frames.push(Frame { range: self.layout.range(at), given: BTreeMap::new() });
        let part = self.scope(Some((node.id, 0)), None);
        let mut body = self.closed(part, &[], here);
        let given = self.frames.pop().map(|frame| frame.given).unwrap_or_default();
        let outer: Vec<(SmolStr, Json)> =
            given.iter().map(|(name, text)| (name.clone(), Json::expression(text, here))).collect();
        let read = |from: &str| -> Vec<(SmolStr, Json)> {
            given
                .keys()
                .map(|name| (name.clone(), Json::expression(&format!("$states.input.{from}.{name}"), here)))
                .collect()
        };
        let item = |from: &str| {
            vec![
                (variable.clone(), Json::expression(&format!("{from}.value"), here)),
                (format_smolstr!("{variable}_index"), Json::expression(&format!("{from}.index"), here)),
            ]
        };
        let context = |text: &str| Json::expression(&format!("$states.context.Map.Item.{text}"), here);

        let first = self.derived(&format!("{}-item", node.name));
        let mut begin = State::new(first.clone(), "Pass", here);
        let mut selector = vec![("value".into(), context("Value")), ("index".into(), context("Index"))];
        let mut batcher = None;
        let machine = match &batch {
            None => {
                let mut assign = item("$states.input");
                assign.extend(read("outer"));
                begin.set("Assign", Json::object(assign, here));
                begin.next(Some(&body.start));
                body.states.insert(0, begin);
                if !outer.is_empty() {
                    selector.push(("outer".into(), Json::object(outer, here)));
                }
                Machine { before: Vec::new(), start: first, states: body.states }
            }
            Some(size) => {
                // An execution gets several items and goes through them one after the other.
                begin.set("Assign", Json::object(item("$states.input"), here));
                begin.next(Some(&body.start));
                body.states.insert(0, begin);
                let mode = Json::object(vec![("Mode".into(), Json::text("INLINE", here))], here);
                let inner = Machine { before: vec![("ProcessorConfig", mode)], start: first, states: body.states };
                let start = self.derived(&format!("{}-batch", node.name));
                let turns = self.derived(&format!("{}-items", node.name));
                let mut opening = State::new(start.clone(), "Pass", here);
                let own = read("BatchInput.outer");
                if !own.is_empty() {
                    opening.set("Assign", Json::object(own, here));
                }
                opening.next(Some(&turns));
                let mut each = State::new(turns, "Map", here);
                each.set("Items", Json::expression("$states.input.Items", here));
                each.set("MaxConcurrency", Json::int(1, here));
                each.set("ItemProcessor", Json::Machine(Box::new(inner), here));
                each.set("Output", Json::object(Vec::new(), here));
                each.next(None);
                let count = self.json(size);
                let mut members = vec![("MaxItemsPerBatch".into(), count)];
                if !outer.is_empty() {
                    let handed = Json::object(vec![("outer".into(), Json::object(outer, here))], here);
                    members.push(("BatchInput".into(), handed));
                }
                batcher = Some(Json::object(members, here));
                Machine { before: Vec::new(), start, states: vec![opening, each] }
            }
        };
        let mut machine = machine;
        let config = vec![
            ("Mode".into(), Json::text("DISTRIBUTED", here)),
            ("ExecutionType".into(), Json::text("STANDARD", here)),
        ];
        machine.before.push(("ProcessorConfig", Json::object(config, here)));

        let mut state = self.state(node, &node.name, "Map");
        if let Some(reader) = reader {
            state.set("ItemReader", reader);
        }
        state.set("ItemSelector", Json::object(selector, here));
        if let Some(batcher) = batcher {
            state.set("ItemBatcher", batcher);
        }
        if let Some(parallel) = settings.get("parallel").filter(|value| !value.is_none()) {
            let limit = self.context.facts.machine_limit("distributed_parallel").unwrap_or(u64::MAX);
            if matches!(parallel.data, Data::Int(count) if count as u64 > limit) {
                let place = self.place(parallel.span);
                self.cannot(place, &format!("more than {limit} turns at once"));
            }
            let value = self.json(parallel);
            state.set("MaxConcurrency", value);
        }
        let label: String =
            node.name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).take(40).collect();
        state.set("Label", Json::text(label, here));
        if let Some(tolerate) = settings.get("tolerate").filter(|value| !value.is_none()) {
            let key = match tolerate.data {
                Data::Percent(_) => "ToleratedFailurePercentage",
                _ => "ToleratedFailureCount",
            };
            let value = self.json(tolerate);
            state.set(key, value);
        }
        state.set("ItemProcessor", Json::Machine(Box::new(machine), here));
        if let Some(results) = settings.get("results").filter(|value| !value.is_none()) {
            let arguments = self.bucket_and(results, "Prefix", here);
            let resource = Json::text(self.arn("s3:putObject"), here);
            let writer = vec![("Resource".into(), resource), ("Arguments".into(), arguments)];
            state.set("ResultWriter", Json::object(writer, here));
        }
        state.next(next);
        Part { entry: Some(node.name.clone()), states: vec![state], ends: false }
    }

    /// How the items of data are read.
    fn reader(&mut self, node: &NodePlan, data: &Object) -> Option<Json> {
        let here = node.span;
        let uri = data.get("uri")?.clone();
        let place = self.place(uri.span);
        let is_files = matches!(&data.class, Class::Data(Type::Files(_)));
        let is_folder = is_files || uri.as_string().is_none_or(|text| text.ends_with('/'));
        let mut config: Vec<(SmolStr, Json)> = Vec::new();
        if !is_files {
            let format = data.get("format").and_then(Value::as_string).map(SmolStr::as_str);
            let type_ = match format {
                Some("csv") => "CSV",
                Some("json") => "JSON",
                Some("jsonlines") => "JSONL",
                Some("parquet") => "PARQUET",
                _ => {
                    let found = format.unwrap_or("no format that is named");
                    self.cannot(
                        place,
                        &format!("a loop over data in {found}; it reads csv, json, jsonlines and parquet"),
                    );
                    return None;
                }
            };
            config.push(("InputType".into(), Json::text(type_, here)));
            if type_ == "CSV" {
                let named = matches!(data.get("header").map(|value| &value.data), Some(Data::Bool(true)));
                let location = if named { "FIRST_ROW" } else { "GIVEN" };
                config.push(("CSVHeaderLocation".into(), Json::text(location, here)));
                if !named {
                    let Class::Data(Type::Table { schema: Some(schema), .. }) = &data.class else {
                        self.cannot(
                            place,
                            "a loop over csv without names of columns; give the table a schema, or say `header = true`",
                        );
                        return None;
                    };
                    let names = schema.fields.iter().map(|field| Json::text(field.name.as_str(), here)).collect();
                    config.push(("CSVHeaders".into(), Json::List(names, here)));
                }
            }
            if is_folder {
                config.push(("Transformation".into(), Json::text("LOAD_AND_FLATTEN", here)));
            }
        }
        let resource = if is_folder { "s3:listObjectsV2" } else { "s3:getObject" };
        let arguments = self.bucket_and(&uri, if is_folder { "Prefix" } else { "Key" }, here);
        let mut members =
            vec![("Resource".into(), Json::text(self.arn(resource), here)), ("Arguments".into(), arguments)];
        if !config.is_empty() {
            members.push(("ReaderConfig".into(), Json::object(config, here)));
        }
        Some(Json::object(members, here))
    }

    /// The bucket of a location, and the rest of it under a name.
    fn bucket_and(&mut self, uri: &Value, rest: &str, here: crate::source::Span) -> Json {
        match self.object_at(uri, "", here) {
            Json::Object(entries, span) => Json::Object(
                entries
                    .into_iter()
                    .map(|(key, place, value)| (if key == "Key" { rest.into() } else { key }, place, value))
                    .collect(),
                span,
            ),
            other => other,
        }
    }
}
