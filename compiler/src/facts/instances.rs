//! Regions and instance types: which job takes which, where they are sold, and their accelerators.

use std::sync::OnceLock;

use smol_str::SmolStr;

use super::FactsError;
use super::lines::Lines;

/// The job classes of `instance(…)` in the language.
pub const INSTANCE_JOBS: [&str; 7] =
    ["training", "processing", "transform", "endpoint", "studio", "notebook", "cluster"];

/// The table of instance types.
#[derive(Debug)]
pub(super) struct Instances {
    lines: Lines,
    names: Vec<SmolStr>,
    /// Each region with its partition, sorted.
    regions: Vec<(SmolStr, SmolStr)>,
    /// In the order of `INSTANCE_JOBS`.
    jobs: [OnceLock<Vec<SmolStr>>; INSTANCE_JOBS.len()],
}

/// What is known of an instance type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceFacts {
    /// Such as `ml.g5.xlarge`.
    pub name: SmolStr,
    /// Such as `g5`.
    pub family: SmolStr,
    pub processor: Processor,
    /// AWS Graviton: needs images built for arm64.
    pub arm: bool,
    /// The number of GPUs, and their memory in MiB in all; nothing when the tables do not say.
    pub gpus: Option<u32>,
    pub gpu_memory: Option<u32>,
}

/// The kind of processor a container image must be made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Processor {
    Cpu,
    Gpu,
    Inferentia,
    Trainium,
}

impl Instances {
    pub(super) fn new(text: String) -> Result<Instances, FactsError> {
        let lines = Lines::new(text);
        let names = lines
            .get("names")
            .and_then(|json| serde_json::from_str::<Vec<String>>(json).ok())
            .ok_or_else(|| FactsError::part("instances", "the line `names` is missing or damaged"))?;
        let regions = lines
            .get("regions")
            .and_then(|json| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(json).ok())
            .ok_or_else(|| FactsError::part("instances", "the line `regions` is missing or damaged"))?;
        let mut regions: Vec<(SmolStr, SmolStr)> = regions
            .iter()
            .map(|(region, partition)| (region.into(), partition.as_str().unwrap_or("aws").into()))
            .collect();
        regions.sort();
        Ok(Instances {
            regions,
            names: names.into_iter().map(SmolStr::from).collect(),
            jobs: [const { OnceLock::new() }; INSTANCE_JOBS.len()],
            lines,
        })
    }

    pub(super) fn regions(&self) -> &[(SmolStr, SmolStr)] {
        &self.regions
    }

    fn indices(&self, key: &str) -> Option<Vec<usize>> {
        serde_json::from_str(self.lines.get(key)?).ok()
    }

    pub(super) fn of_job(&self, job: &str) -> Option<&[SmolStr]> {
        let slot = INSTANCE_JOBS.iter().position(|known| *known == job)?;
        let types = self.jobs[slot].get_or_init(|| {
            let indices = self.indices(&format!("job/{job}")).unwrap_or_default();
            indices.iter().filter_map(|&index| self.names.get(index).cloned()).collect()
        });
        Some(types)
    }

    pub(super) fn get(&self, name: &str) -> Option<InstanceFacts> {
        self.names.binary_search_by(|known| known.as_str().cmp(name)).ok()?;
        let family = family(name)?;
        let gpus: Option<[u32; 2]> = self.lines.get("gpus").and_then(|json| {
            let table: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).ok()?;
            serde_json::from_value(table.get(name)?.clone()).ok()
        });
        let processor = processor(family);
        let without = (processor != Processor::Gpu).then_some(0);
        Some(InstanceFacts {
            name: name.into(),
            family: family.into(),
            processor,
            arm: is_arm(family),
            gpus: gpus.map(|[count, _]| count).or(without),
            gpu_memory: gpus.map(|[_, memory]| memory).or(without),
        })
    }

    pub(super) fn offered(&self, region: &str, job: &str, name: &str) -> Option<bool> {
        let sold = self.indices(&format!("sold/{job}/{region}"))?;
        let index = self.names.binary_search_by(|known| known.as_str().cmp(name)).ok();
        Some(index.is_some_and(|index| sold.contains(&index)))
    }

    /// The regions for which it is known what is offered to this job.
    pub(super) fn regions_of(&self, job: &str) -> Vec<&str> {
        let prefix = format!("sold/{job}/");
        (0..self.lines.len()).filter_map(|at| self.lines.entry(at).0.strip_prefix(&prefix)).collect()
    }
}

/// `g5` of `ml.g5.xlarge` or `ml_g5`; nothing when the text is no instance type.
pub(super) fn family(name: &str) -> Option<&str> {
    let rest = name.strip_prefix("ml.").or_else(|| name.strip_prefix("ml_"))?;
    let (family, size) = rest.split_once('.').unwrap_or((rest, ""));
    let good = |text: &str, also: char| text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == also);
    (!family.is_empty() && good(family, '-') && good(size, '_')).then_some(family)
}

fn processor(family: &str) -> Processor {
    match family.as_bytes() {
        _ if family.starts_with("inf") => Processor::Inferentia,
        _ if family.starts_with("trn") => Processor::Trainium,
        [b'g' | b'p', ..] => Processor::Gpu,
        _ => Processor::Cpu,
    }
}

/// Graviton families carry a `g` behind the generation: `m7g`, `c6gn`, `g5g`.
fn is_arm(family: &str) -> bool {
    let behind =
        family.trim_start_matches(|c: char| c.is_ascii_lowercase()).trim_start_matches(|c: char| c.is_ascii_digit());
    behind.starts_with('g')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_read_from_names() {
        assert_eq!(family("ml.g5.xlarge"), Some("g5"));
        assert_eq!(family("ml.u-6tb1.112xlarge"), Some("u-6tb1"));
        assert_eq!(family("ml_c5"), Some("c5"));
        assert_eq!(family("m5.large"), None);
        assert_eq!(family("ml.M5.large"), None);
    }

    #[test]
    fn families_say_what_images_they_run() {
        assert_eq!(processor("p4d"), Processor::Gpu);
        assert_eq!(processor("inf2"), Processor::Inferentia);
        assert_eq!(processor("trn1n"), Processor::Trainium);
        assert_eq!(processor("m5"), Processor::Cpu);
        assert!(is_arm("m7g") && is_arm("c6gn") && is_arm("g5g"));
        assert!(!is_arm("g5") && !is_arm("m5d") && !is_arm("g4dn"));
    }
}
