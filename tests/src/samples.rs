use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{fs, io};

/// A sample event that `aws_lambda_events` ships.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The file's name without `example-` and `.json`.
    pub name: String,
    /// The file.
    pub json: Vec<u8>,
}

/// All the samples, in the order of their names.
///
/// # Panics
///
/// If the crate's folder is not where cargo says it is.
#[must_use]
pub fn samples() -> Vec<Sample> {
    let folder = folder();
    let read = || -> io::Result<Vec<Sample>> {
        let paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        let samples = paths.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "json"));
        samples.map(read_sample).collect()
    };
    let mut samples = read().unwrap_or_else(|error| panic!("cannot read `{}`: {error}", folder.display()));
    samples.sort_by(|a, b| a.name.cmp(&b.name));
    samples
}

/// The sample of this name.
///
/// # Panics
///
/// If there is none.
#[must_use]
pub fn sample(name: &str) -> Vec<u8> {
    let path = folder().join(format!("example-{name}.json"));
    fs::read(&path).unwrap_or_else(|error| panic!("cannot read `{}`: {error}", path.display()))
}

fn read_sample(path: PathBuf) -> io::Result<Sample> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    Ok(Sample { name: name.trim_start_matches("example-").to_owned(), json: fs::read(&path)? })
}

fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let metadata = cargo_metadata::MetadataCommand::new()
            .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
            .other_options(["--offline".to_owned(), "--locked".to_owned()])
            .exec()
            .expect("cargo knows the dependencies of what it has built");
        let package = metadata.packages.iter().find(|package| package.name.as_str() == "aws_lambda_events");
        let manifest = &package.expect("this crate depends on `aws_lambda_events`").manifest_path;
        manifest.with_file_name("src/fixtures").into()
    })
}
