//! The container images AWS provides: from framework, version, region and instance type to a URI, as the SageMaker SDK
//! computes it. The tables and the special cases are data; this module is the rule that reads them.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::{Map, Value};
use smol_str::SmolStr;

use super::FactsError;
use super::instances::family;
use super::lines::Lines;

/// What an image is wanted for. Everything but framework and region may be left out where there is no choice.
#[derive(Debug, Clone, Default)]
pub struct ImageRequest<'a> {
    /// A framework or built-in algorithm, such as `xgboost`. `huggingface` also with `-neuron`, `-neuronx` or
    /// `-training-compiler`, for the images made for those.
    pub framework: &'a str,
    /// A version or an alias of one. Left out, the only or the latest one.
    pub version: Option<&'a str>,
    pub region: &'a str,
    /// `training`, `inference`, `processing` …
    pub scope: Option<&'a str>,
    pub instance: Option<&'a str>,
    /// Such as `py310`.
    pub python: Option<&'a str>,
    /// Part of the tag, such as `cu110-ubuntu18.04`.
    pub container_version: Option<&'a str>,
    /// The framework below `huggingface`, such as `pytorch2.1.0`.
    pub base_framework: Option<&'a str>,
    /// The version of the Neuron SDK.
    pub sdk_version: Option<&'a str>,
    /// `neuron` or `neuronx`.
    pub inference_tool: Option<&'a str>,
    /// For a serverless endpoint: there is no instance, and the processor is the CPU.
    pub serverless: bool,
}

/// Why there is no image. `given` is empty where something was left out that must be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageProblem {
    pub kind: ImageProblemKind,
    pub given: SmolStr,
    /// What could stand there instead.
    pub candidates: Vec<SmolStr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageProblemKind {
    Framework,
    Scope,
    Version,
    BaseFramework,
    Python,
    Region,
    /// The text is no instance type, or none was given where it decides.
    Instance,
    /// The framework has no image for this kind of processor. `given` is the processor.
    Processor,
    /// This kind of instance runs other frameworks only, the candidates.
    FrameworkForInstance,
    /// The framework's images have no container version to choose.
    ContainerVersion,
}

type Kind = ImageProblemKind;

const TRAINING_COMPILER: &str = "training-compiler";

impl ImageProblem {
    fn new<T: AsRef<str>>(kind: Kind, given: Option<&str>, candidates: impl IntoIterator<Item = T>) -> ImageProblem {
        ImageProblem {
            kind,
            given: given.unwrap_or_default().into(),
            candidates: candidates.into_iter().map(|name| SmolStr::from(name.as_ref())).collect(),
        }
    }

    /// Nothing stands to choose from.
    fn hopeless(kind: Kind, given: &str) -> ImageProblem {
        ImageProblem::new::<&str>(kind, Some(given), [])
    }

    pub(super) fn unknown_framework(given: &str, candidates: Vec<&str>) -> ImageProblem {
        ImageProblem::new(Kind::Framework, Some(given), candidates)
    }
}

impl fmt::Display for ImageProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given = &self.given;
        match (self.kind, given.is_empty()) {
            (Kind::Framework, _) => write!(formatter, "there is no framework or algorithm `{given}`"),
            (Kind::Scope, true) => write!(formatter, "its images differ by use, and none is given"),
            (Kind::Scope, false) => write!(formatter, "it has no images for `{given}`"),
            (Kind::Version, true) => write!(formatter, "a version must be given"),
            (Kind::Version, false) => write!(formatter, "there is no version `{given}`"),
            (Kind::BaseFramework, true) => write!(formatter, "the framework below must be given"),
            (Kind::BaseFramework, false) => write!(formatter, "this version has no images for `{given}`"),
            (Kind::Python, true) => write!(formatter, "a Python version must be given"),
            (Kind::Python, false) => write!(formatter, "this version has no image with Python `{given}`"),
            (Kind::Region, _) => write!(formatter, "this version has no image in `{given}`"),
            (Kind::Instance, true) => {
                write!(formatter, "its images differ by processor, and no instance type is given")
            }
            (Kind::Instance, false) => write!(formatter, "`{given}` is no instance type"),
            (Kind::Processor, _) => write!(formatter, "this version has no image for `{given}` processors"),
            (Kind::FrameworkForInstance, _) => write!(formatter, "this kind of instance has no images of `{given}`"),
            (Kind::ContainerVersion, _) => write!(formatter, "its images have no container version `{given}`"),
        }
    }
}

/// The tables of images.
#[derive(Debug)]
pub(super) struct Images {
    lines: Lines,
    rules: Rules,
    /// What was read: a project asks for the same few again and again.
    read: Mutex<FxHashMap<String, Arc<Framework>>>,
    /// Lines that give a text for each region, once read.
    regions: Mutex<FxHashMap<String, Arc<Map<String, Value>>>>,
}

#[derive(Debug, Deserialize)]
struct Rules {
    graviton_families: Vec<String>,
    graviton_frameworks: Vec<String>,
    graviton_scope: String,
    graviton_tags: Map<String, Value>,
    trainium_frameworks: Vec<String>,
    neuron_frameworks: Vec<String>,
    nested_frameworks: Vec<String>,
    default_scopes: Map<String, Value>,
    sdk_repositories: Vec<String>,
    alias_repositories: Vec<String>,
    full_base_repositories: Vec<String>,
    container_version_frameworks: Vec<String>,
    python_optional: Vec<String>,
    without_gpu_suffix: Vec<String>,
    container_versions: Map<String, Value>,
    without_p2: Map<String, Value>,
}

/// A framework's scopes, and a table per scope or one ("") for all.
#[derive(Debug, Deserialize)]
struct Framework {
    scopes: Vec<String>,
    tables: Map<String, Value>,
}

impl Images {
    pub(super) fn new(text: String) -> Result<Images, FactsError> {
        let lines = Lines::new(text);
        let rules = lines.get("rules").unwrap_or_default();
        let rules = serde_json::from_str(rules).map_err(|error| FactsError::part("images", error))?;
        Ok(Images { lines, rules, read: Mutex::default(), regions: Mutex::default() })
    }

    pub(super) fn frameworks(&self) -> Vec<&str> {
        (0..self.lines.len()).filter_map(|at| self.lines.entry(at).0.strip_prefix("framework/")).collect()
    }

    fn framework(&self, name: &str) -> Result<Arc<Framework>, ImageProblem> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.get(name) {
            return Ok(known.clone());
        }
        let found: Framework = self
            .lines
            .get(&format!("framework/{name}"))
            .and_then(|json| serde_json::from_str(json).ok())
            .ok_or_else(|| ImageProblem::unknown_framework(name, self.frameworks()))?;
        let found = Arc::new(found);
        read.insert(name.to_owned(), found.clone());
        Ok(found)
    }

    pub(super) fn scopes(&self, framework: &str) -> Vec<SmolStr> {
        self.framework(framework).map_or_else(|_| Vec::new(), |found| found.scopes.iter().map(SmolStr::from).collect())
    }

    pub(super) fn versions(&self, framework: &str, scope: Option<&str>) -> Vec<SmolStr> {
        let Ok(found) = self.framework(framework) else {
            return Vec::new();
        };
        let tables = found.tables.iter();
        let mut all: Vec<SmolStr> = Vec::new();
        for part in ["versions", "version_aliases"] {
            let mut names: Vec<SmolStr> = tables
                .clone()
                .filter(|(name, _)| name.is_empty() || scope.is_none_or(|scope| scope == *name))
                .filter_map(|(_, table)| table.get(part)?.as_object())
                .flat_map(|table| table.keys().map(SmolStr::from))
                .collect();
            names.sort_by(|a, b| version_key(a).cmp(&version_key(b)).then_with(|| a.cmp(b)));
            names.retain(|name| !all.contains(name));
            names.dedup();
            all.extend(names);
        }
        all
    }

    pub(super) fn uri(&self, request: &ImageRequest<'_>) -> Result<String, ImageProblem> {
        let rules = &self.rules;
        let (name, variant) = self.variant(request.framework);
        let family = match request.instance {
            Some(instance) => {
                instance_family(instance).ok_or_else(|| ImageProblem::hopeless(Kind::Instance, instance))?
            }
            None => "",
        };
        let mut tool = if variant.starts_with("neuron") { Some(variant) } else { request.inference_tool };
        let mut table_name = request.framework.to_owned();
        let mut scope = request.scope;
        if variant != TRAINING_COMPILER {
            if has(&rules.neuron_frameworks, name) {
                if variant.is_empty() && tool.is_none() && (family.starts_with("inf") || family.starts_with("trn")) {
                    tool = Some("neuron");
                }
                if let Some(tool @ ("neuron" | "neuronx")) = tool {
                    table_name = format!("{name}-{tool}");
                }
            }
            scope = self.final_scope(name, family, scope)?;
        }
        let framework = self.framework(&table_name)?;
        let (scope, table) = choose_table(&framework, scope)?;
        let version = version(table, request.version)?;
        let resolved = text(table.get("version_aliases").and_then(|aliases| aliases.get(version))).unwrap_or(version);
        let mut entry = &table["versions"][resolved];
        let mut base = None;
        if has(&rules.nested_frameworks, name) {
            let (full, nested) = base_framework(entry, request.base_framework)?;
            base = Some((full, request.base_framework.unwrap_or(full)));
            entry = nested;
        }
        let python = self.python(name, entry, request.python)?;
        if let Some(nested) = python.and_then(|python| entry.get(python)) {
            entry = nested;
        }
        let registry = self.registry(entry, request.region)?;
        let repository = text(entry.get("repository")).unwrap_or_default();
        let processors = table.get("processors").or_else(|| entry.get("processors"));
        let processor = processor(request, family, processors)?;
        let mut container = self.container_version(request, entry, repository, processor)?;
        let nested_sdk = base.is_some() && has(&rules.full_base_repositories, repository);
        if nested_sdk || has(&rules.sdk_repositories, repository) {
            let sdk = request.sdk_version.map(str::to_owned).or_else(|| latest(entry.get("sdk_versions")));
            let parts = [sdk, container];
            container = Some(parts.into_iter().flatten().collect::<Vec<_>>().join("-"));
        }
        let prefix = match base {
            Some((full, given)) => {
                // The tag carries the version as it was asked for: `pytorch1.13` stays 1.13.
                let base = if has(&rules.full_base_repositories, repository) { full } else { given };
                let transformers = if has(&rules.alias_repositories, repository) { version } else { resolved };
                format!("{}-transformers{transformers}", base.trim_start_matches(|c: char| c.is_ascii_alphabetic()))
            }
            None => text(entry.get("tag_prefix")).unwrap_or(version).to_owned(),
        };
        if ["graviton", "arm64"].iter().any(|kind| repository == format!("{name}-inference-{kind}")) {
            container = Some(format!("{}-sagemaker", container.unwrap_or_default()));
        }
        if family == "p2" && !self.runs_on_p2(name, version) {
            return Err(ImageProblem::hopeless(Kind::Processor, "p2"));
        }
        let in_tag = entry.get("processor_in_tag").and_then(Value::as_bool).unwrap_or(true);
        let tag = self.tag(
            request,
            family,
            scope,
            version,
            &Tag {
                prefix: &prefix,
                processor: if in_tag { processor } else { None },
                python,
                container: container.as_deref(),
                tool,
            },
        )?;
        let suffix = self.suffix(request.region);
        let colon = if tag.is_empty() { "" } else { ":" };
        Ok(format!("{registry}.dkr.ecr.{}.{suffix}/{repository}{colon}{tag}", request.region))
    }

    /// `huggingface-neuronx` as (`huggingface`, `neuronx`), for frameworks whose variants share their special cases.
    fn variant<'a>(&self, framework: &'a str) -> (&'a str, &'a str) {
        let found = self.rules.nested_frameworks.iter().find_map(|name| {
            let variant = framework.strip_prefix(name.as_str())?.strip_prefix('-')?;
            let known = [TRAINING_COMPILER, "neuron", "neuronx"].contains(&variant);
            known.then(|| (&framework[..name.len()], variant))
        });
        found.unwrap_or((framework, ""))
    }

    fn final_scope<'a>(
        &'a self,
        name: &str,
        family: &str,
        scope: Option<&'a str>,
    ) -> Result<Option<&'a str>, ImageProblem> {
        let rules = &self.rules;
        let only = |frameworks: &[String]| Err(ImageProblem::new(Kind::FrameworkForInstance, Some(name), frameworks));
        if family.starts_with("trn") && !has(&rules.trainium_frameworks, name) {
            return only(&rules.trainium_frameworks);
        }
        if has(&rules.graviton_families, family) {
            if !has(&rules.graviton_frameworks, name) {
                return only(&rules.graviton_frameworks);
            }
            return Ok(Some(&rules.graviton_scope));
        }
        Ok(scope.or_else(|| text(rules.default_scopes.get(name))))
    }

    fn python<'a>(
        &self,
        name: &str,
        entry: &'a Value,
        given: Option<&'a str>,
    ) -> Result<Option<&'a str>, ImageProblem> {
        let available: Vec<&str> = match entry.get("repository") {
            Some(_) => strings(entry.get("py_versions")),
            None => entry.as_object().map_or_else(Vec::new, |table| table.keys().map(String::as_str).collect()),
        };
        match (given, available.as_slice()) {
            (_, []) => Ok(None),
            (None, _) if has(&self.rules.python_optional, name) => Ok(None),
            (None, [only]) => Ok(Some(*only)),
            (Some(given), some) if some.contains(&given) => Ok(Some(given)),
            (given, some) => Err(ImageProblem::new(Kind::Python, given, some)),
        }
    }

    /// The texts by region of a line; none where there is no such line.
    fn by_region(&self, line: &str) -> Arc<Map<String, Value>> {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = regions.get(line) {
            return known.clone();
        }
        let found: Map<String, Value> =
            self.lines.get(line).and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        let found = Arc::new(found);
        regions.insert(line.to_owned(), found.clone());
        found
    }

    fn registry(&self, entry: &Value, region: &str) -> Result<String, ImageProblem> {
        let table = text(entry.get("registries")).unwrap_or_default();
        let accounts = self.by_region(&format!("registry/{table}"));
        text(accounts.get(region))
            .map(str::to_owned)
            .ok_or_else(|| ImageProblem::new(Kind::Region, Some(region), accounts.keys()))
    }

    fn suffix(&self, region: &str) -> SmolStr {
        text(self.by_region("suffixes").get(region)).unwrap_or("amazonaws.com").into()
    }

    fn container_version(
        &self,
        request: &ImageRequest<'_>,
        entry: &Value,
        repository: &str,
        processor: Option<&str>,
    ) -> Result<Option<String>, ImageProblem> {
        if let Some(table) = entry.get("container_version").and_then(Value::as_object).filter(|table| !table.is_empty())
        {
            let version = text(processor.and_then(|processor| table.get(processor)));
            return match version {
                Some(version) => Ok(Some(version.to_owned())),
                None => Err(ImageProblem::new(Kind::Processor, processor, table.keys())),
            };
        }
        let (name, _) = self.variant(request.framework);
        let free = has(&self.rules.container_version_frameworks, name)
            || repository.contains("neuron")
            || repository == format!("{name}-inference-graviton");
        match request.container_version {
            Some(given) if !free => Err(ImageProblem::hopeless(Kind::ContainerVersion, given)),
            given => Ok(given.map(str::to_owned)),
        }
    }

    fn runs_on_p2(&self, name: &str, version: &str) -> bool {
        let Some(first) = self.rules.without_p2.get(name).and_then(Value::as_array) else {
            return true;
        };
        let first: Vec<u64> = first.iter().filter_map(Value::as_u64).collect();
        version_key(version).1 < first
    }

    fn tag(
        &self,
        request: &ImageRequest<'_>,
        family: &str,
        scope: &str,
        version: &str,
        parts: &Tag<'_>,
    ) -> Result<String, ImageProblem> {
        let rules = &self.rules;
        let graviton = has(&rules.graviton_families, family) || scope == rules.graviton_scope;
        if let Some(tags) = rules.graviton_tags.get(request.framework).filter(|_| graviton).and_then(Value::as_object) {
            if !family.is_empty() && !has(&rules.graviton_families, family) {
                return Err(ImageProblem::new(Kind::Processor, Some(family), &rules.graviton_families));
            }
            return text(tags.get(version))
                .map(str::to_owned)
                .ok_or_else(|| ImageProblem::new(Kind::Version, Some(version), tags.keys()));
        }
        let mut tag = parts.join();
        if family == "p4d" {
            let key = format!("{}-{tag}", request.framework);
            if let Some(version) = text(rules.container_versions.get(&key)) {
                tag = format!("{tag}-{version}");
            }
        }
        if has(&rules.without_gpu_suffix, request.framework) && parts.processor == Some("gpu") {
            tag.truncate(tag.trim_end_matches(['-', 'g', 'p', 'u']).len());
        }
        Ok(tag)
    }
}

struct Tag<'a> {
    prefix: &'a str,
    processor: Option<&'a str>,
    python: Option<&'a str>,
    container: Option<&'a str>,
    tool: Option<&'a str>,
}

impl Tag<'_> {
    fn join(&self) -> String {
        let parts = [Some(self.prefix), self.tool.or(self.processor), self.python, self.container];
        parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
    }
}

fn has(list: &[String], name: &str) -> bool {
    list.iter().any(|entry| entry == name)
}

fn text(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str)
}

fn strings(value: Option<&Value>) -> Vec<&str> {
    value.and_then(Value::as_array).map_or_else(Vec::new, |list| list.iter().filter_map(Value::as_str).collect())
}

/// The family of an instance type; `local` and `neuron…` stand for themselves.
fn instance_family(instance: &str) -> Option<&str> {
    if instance.starts_with("local") || instance.starts_with("neuron") {
        return Some("");
    }
    family(instance)
}

fn choose_table<'a>(framework: &'a Framework, scope: Option<&'a str>) -> Result<(&'a str, &'a Value), ImageProblem> {
    let scopes: Vec<&str> = framework.scopes.iter().map(String::as_str).collect();
    let shared = framework.tables.get("");
    let scope = match (scopes.as_slice(), scope) {
        ([], scope) => scope.unwrap_or_default(),
        ([only], _) => *only,
        ([first, _], None) if shared.is_some() && scopes.iter().all(|s| ["training", "inference"].contains(s)) => {
            *first
        }
        (some, Some(scope)) if some.contains(&scope) => scope,
        (some, scope) => return Err(ImageProblem::new(Kind::Scope, scope, some)),
    };
    match shared.or_else(|| framework.tables.get(scope)) {
        Some(table) => Ok((scope, table)),
        None => Err(ImageProblem::new(Kind::Scope, Some(scope), scopes)),
    }
}

/// The version asked for, or the only one, or the latest. Unlike the SDK, another version than the only one is refused.
fn version<'a>(table: &'a Value, given: Option<&'a str>) -> Result<&'a str, ImageProblem> {
    let keys = |part: &str| {
        let table = table.get(part).and_then(Value::as_object);
        table.map_or_else(Vec::new, |table| table.keys().map(String::as_str).collect::<Vec<_>>())
    };
    let (versions, aliases) = (keys("versions"), keys("version_aliases"));
    let known = |version: &str| versions.contains(&version) || aliases.contains(&version);
    let chosen = match (given, versions.as_slice()) {
        (Some(given), _) => known(given).then_some(given),
        (None, [only]) => Some(*only),
        (None, _) => {
            text(table.get("version_aliases").and_then(|aliases| aliases.get("latest"))).or_else(|| newest(&versions))
        }
    };
    chosen.ok_or_else(|| {
        let mut candidates: Vec<&str> = versions.iter().chain(&aliases).copied().collect();
        candidates.sort_by_key(|version| version_key(version));
        ImageProblem::new(Kind::Version, given, candidates)
    })
}

/// The newer of the first and the last version: the SDK's tables are ordered one way or the other.
fn newest<'a>(versions: &[&'a str]) -> Option<&'a str> {
    let (first, last) = (*versions.first()?, *versions.last()?);
    if first == "latest" || last == "latest" {
        return None;
    }
    Some(if version_key(first) >= version_key(last) { first } else { last })
}

fn base_framework<'a>(entry: &'a Value, given: Option<&'a str>) -> Result<(&'a str, &'a Value), ImageProblem> {
    let alias = given.and_then(|given| text(entry.get("version_aliases").and_then(|aliases| aliases.get(given))));
    let full = alias.or(given);
    match full.filter(|full| *full != "version_aliases").and_then(|full| entry.get(full)) {
        Some(nested) => Ok((full.unwrap_or_default(), nested)),
        None => {
            let candidates =
                entry.as_object().into_iter().flat_map(Map::keys).filter(|name| *name != "version_aliases");
            Err(ImageProblem::new(Kind::BaseFramework, given, candidates))
        }
    }
}

fn processor<'a>(
    request: &ImageRequest<'a>,
    family: &'a str,
    available: Option<&'a Value>,
) -> Result<Option<&'a str>, ImageProblem> {
    let available = strings(available);
    let found = match (available.as_slice(), request.instance) {
        ([], _) => return Ok(None),
        ([only], None) => return Ok(Some(*only)),
        _ if request.serverless => return Ok(Some("cpu")),
        (some, None) => return Err(ImageProblem::new(Kind::Instance, None, some)),
        (_, Some("local")) => "cpu",
        (_, Some(instance)) if instance.starts_with("local") => "gpu",
        (_, Some(instance)) if instance.starts_with("neuron") => "neuron",
        (some, _) if some.contains(&family) => family,
        _ if family.starts_with("inf") => "inf",
        _ if family.starts_with("trn") => "trn",
        _ if family.starts_with(['g', 'p']) => "gpu",
        _ => "cpu",
    };
    if available.contains(&found) {
        return Ok(Some(found));
    }
    Err(ImageProblem::new(Kind::Processor, Some(found), available))
}

/// The last in the order of text, as the SDK chooses.
fn latest(versions: Option<&Value>) -> Option<String> {
    strings(versions).into_iter().max().map(str::to_owned)
}

/// Orders versions by their numbers, and what is no version after them.
fn version_key(version: &str) -> (bool, Vec<u64>) {
    let numbers = version.split(['.', '-']).map_while(|part| part.parse().ok()).collect::<Vec<u64>>();
    (numbers.is_empty(), numbers)
}
