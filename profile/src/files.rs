//! Files that a profile names. Whoever writes a profile need not be whoever runs it: what it stands on
//! and its secrets lie in the folder of the profile that the command line names, or below. Certificates
//! are no secrets, are sent to nobody and shown to nobody: they may lie anywhere.

use std::path::{Component, Path, PathBuf};

use reports::input::shown;

/// Where a path leads, links followed, when that is within the folder of the profile `top`.
pub(super) fn within_folder_of(top: &str, path: &Path) -> Result<PathBuf, String> {
    let folder = folder_of(top);
    let outside =
        || format!("{} is outside of the folder of the profile, {}", shown(path), shown(&folder));
    // One that is not there leads nowhere, but is not asked for outside either.
    let (Ok(real), Ok(real_folder)) = (path.canonicalize(), folder.canonicalize()) else {
        return if is_spelt_within(&folder, path) { Ok(path.to_owned()) } else { Err(outside()) };
    };
    if real.starts_with(&real_folder) { Ok(real) } else { Err(outside()) }
}

/// The folder that a file stands in.
fn folder_of(file: &str) -> PathBuf {
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    if folder == Path::new("") { PathBuf::from(".") } else { folder.to_owned() }
}

/// Whether a path goes out of a folder by its words alone.
fn is_spelt_within(folder: &Path, path: &Path) -> bool {
    let plain = |path: &Path| {
        let mut parts: Vec<Component<'_>> = Vec::new();
        for part in path.components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir if matches!(parts.last(), Some(Component::Normal(_))) => {
                    parts.pop();
                }
                Component::Prefix(_)
                | Component::RootDir
                | Component::Normal(_)
                | Component::ParentDir => parts.push(part),
            }
        }
        parts.iter().collect::<PathBuf>()
    };
    let (folder, path) = (plain(folder), plain(path));
    path.strip_prefix(folder)
        .is_ok_and(|rest| rest.components().all(|part| matches!(part, Component::Normal(_))))
}
