//! The source files of a workspace's crates, found as the compiler finds them: from a target's root
//! through its modules.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, Target, TargetKind};
use syn::{Attribute, Expr, ExprLit, Item, ItemMod, Lit, Meta, UseTree};

use super::AuditError;

/// All crates of a workspace that may hold handlers.
pub(super) struct Sources {
    pub(super) crates: Vec<Crate>,
}

/// A library, a binary or an example.
pub(super) struct Crate {
    /// As other crates name it.
    pub(super) name: String,
    /// As cargo names its target.
    pub(super) target: String,
    pub(super) kinds: Vec<TargetKind>,
    pub(super) modules: Vec<Module>,
}

/// A module that is a file, or an inline one.
pub(super) struct Module {
    /// What other modules call it; `crate` for the root.
    pub(super) name: String,
    pub(super) file: PathBuf,
    pub(super) items: Vec<Item>,
    pub(super) imports: Imports,
}

impl Sources {
    pub(super) fn read(metadata: &Metadata) -> Result<Self, AuditError> {
        let mut crates = Vec::new();
        for package in metadata.workspace_packages() {
            for target in package.targets.iter().filter(|target| may_hold_handlers(target)) {
                crates.push(Crate::read(target)?);
            }
        }
        Ok(Self { crates })
    }

    /// The library that programs name `name`.
    pub(super) fn library(&self, name: &str) -> Option<&Crate> {
        self.crates.iter().find(|one| one.name == name && one.kinds.iter().any(is_library))
    }
}

fn may_hold_handlers(target: &Target) -> bool {
    target.kind.iter().any(|kind| is_library(kind) || matches!(kind, TargetKind::Bin | TargetKind::Example))
}

fn is_library(kind: &TargetKind) -> bool {
    matches!(kind, TargetKind::Lib | TargetKind::RLib)
}

impl Crate {
    fn read(target: &Target) -> Result<Self, AuditError> {
        let root = target.src_path.as_std_path();
        let mut modules = Vec::new();
        let directory = root.parent().unwrap_or(Path::new("")).to_owned();
        read_file("crate", root, &directory, &mut modules)?;
        Ok(Self {
            name: target.name.replace('-', "_"),
            target: target.name.clone(),
            kinds: target.kind.clone(),
            modules,
        })
    }
}

/// Reads the module `name` from `file`, whose modules are files in `directory`.
fn read_file(name: &str, file: &Path, directory: &Path, modules: &mut Vec<Module>) -> Result<(), AuditError> {
    let text = std::fs::read_to_string(file).map_err(|source| AuditError::Read { file: file.to_owned(), source })?;
    let parsed = syn::parse_file(&text).map_err(|source| AuditError::Parse {
        file: file.to_owned(),
        line: source.span().start().line,
        source,
    })?;
    read_items(name, parsed.items, file, directory, modules)
}

fn read_items(
    name: &str,
    items: Vec<Item>,
    file: &Path,
    directory: &Path,
    modules: &mut Vec<Module>,
) -> Result<(), AuditError> {
    let (nested, items): (Vec<Item>, Vec<Item>) =
        items.into_iter().filter(|item| !is_test(attributes(item))).partition(|item| matches!(item, Item::Mod(_)));
    let imports = Imports::of(&items);
    modules.push(Module { name: name.to_owned(), file: file.to_owned(), items, imports });
    for item in nested {
        if let Item::Mod(module) = item {
            read_module(module, file, directory, modules)?;
        }
    }
    Ok(())
}

fn read_module(module: ItemMod, file: &Path, directory: &Path, modules: &mut Vec<Module>) -> Result<(), AuditError> {
    let name = module.ident.to_string();
    let name = name.strip_prefix("r#").unwrap_or(&name);
    let inner = directory.join(name);
    if let Some((_, items)) = module.content {
        return read_items(name, items, file, &inner, modules);
    }
    if let Some(path) = path_attribute(&module.attrs) {
        let path = file.parent().unwrap_or(Path::new("")).join(path);
        let directory = path.parent().unwrap_or(Path::new("")).to_owned();
        return read_file(name, &path, &directory, modules);
    }
    let plain = directory.join(format!("{name}.rs"));
    let path = if plain.is_file() { plain } else { inner.join("mod.rs") };
    // A module behind a `cfg` may be generated, or not be there on this machine.
    if !path.is_file() {
        return Ok(());
    }
    read_file(name, &path, &inner, modules)
}

fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    let value = attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => Some(&pair.value),
        _ => None,
    })?;
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(path), .. }) => Some(path.value()),
        _ => None,
    }
}

/// Whether what carries these attributes is there in tests only.
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is_cfg = attribute.path().is_ident("cfg");
        let only = || attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"));
        attribute.path().segments.last().is_some_and(|segment| segment.ident == "test") || (is_cfg && only())
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        _ => &[],
    }
}

/// What a module's `use` declarations call things.
#[derive(Default)]
pub(super) struct Imports {
    names: HashMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
}

impl Imports {
    fn of(items: &[Item]) -> Self {
        let mut imports = Self::default();
        for item in items {
            if let Item::Use(item) = item {
                imports.add(&item.tree, &mut Vec::new());
            }
        }
        imports
    }

    /// The declarations inside a function count as well.
    pub(super) fn add(&mut self, tree: &UseTree, prefix: &mut Vec<String>) {
        match tree {
            UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.add(&path.tree, prefix);
                prefix.pop();
            }
            UseTree::Name(name) => self.name(name.ident.to_string(), name.ident.to_string(), prefix),
            UseTree::Rename(rename) => self.name(rename.rename.to_string(), rename.ident.to_string(), prefix),
            UseTree::Glob(_) => self.globs.push(prefix.clone()),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add(tree, prefix)),
        }
    }

    fn name(&mut self, here: String, there: String, prefix: &[String]) {
        // `use a::b::{self}` and `use a::b::{self as c}` name the module itself.
        if there == "self" {
            let here = if here == "self" { prefix.last().cloned().unwrap_or_default() } else { here };
            self.names.insert(here, prefix.to_vec());
            return;
        }
        self.names.insert(here, [prefix, &[there]].concat());
    }

    /// `path` from the root of its crate: through a `use`, or one of the globs for a name of `known`.
    pub(super) fn resolve(&self, path: &syn::Path, known: impl Fn(&[String]) -> bool) -> Vec<String> {
        let written: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if let Some(full) = written.first().and_then(|first| self.names.get(first)) {
            return [full, &written[1..]].concat();
        }
        let through = |glob: &Vec<String>| [&glob[..], &written].concat();
        self.globs.iter().map(through).find(|path| known(path)).unwrap_or(written)
    }
}
