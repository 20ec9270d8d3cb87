//! The folder of configuration for the daemon: the files of `config/demo/`, pointed at the ports of this run, and
//! the secrets beside them.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Error;
use super::desk::Desk;
use crate::demo::generate::Office;
use crate::seal::KeyRing;
use crate::secret::{ExposeSecret as _, Secret};

/// Stands in the files where the port of the agency's server belongs.
const PORT: &str = "{{port}}";

/// What the daemon needs besides its sources; all of it goes into files of mode 600.
#[derive(Debug)]
pub struct Surroundings {
    pub database_url: Secret,
    pub broker_url: Secret,
}

/// `petitiond.toml`, as it stands in the project.
pub const SETTINGS: &str = include_str!("../../../config/demo/petitiond.toml");

/// The file of one source, as it stands in the project; built in, so that the demo runs outside a checkout too.
pub const fn template(office: Office) -> &'static str {
    match office {
        Office::Bxd => include_str!("../../../config/demo/sources.d/bxd.toml"),
        Office::Byt => include_str!("../../../config/demo/sources.d/byt.toml"),
        Office::Bgddt => include_str!("../../../config/demo/sources.d/bgddt.toml"),
        Office::Btp => include_str!("../../../config/demo/sources.d/btp.toml"),
        Office::Bhxh => include_str!("../../../config/demo/sources.d/nganh-bhxh.toml"),
        Office::Thue => include_str!("../../../config/demo/sources.d/nganh-thue.toml"),
        Office::HaNoi => include_str!("../../../config/demo/sources.d/tinh-hanoi.toml"),
        Office::BacNinh => include_str!("../../../config/demo/sources.d/tinh-bacninh.toml"),
        Office::DaNang => include_str!("../../../config/demo/sources.d/tinh-danang.toml"),
        Office::NgheAn => include_str!("../../../config/demo/sources.d/tinh-nghean.toml"),
    }
}

/// Writes the folder `config` under `scratch` and gives its path. Nobody else may read it. The key that seals is made
/// once and then left alone: what an earlier run stored stays readable.
///
/// # Errors
/// [`Error::Folder`], [`Error::Key`].
pub fn write(
    scratch: &Path,
    desks: &BTreeMap<Office, Arc<Desk>>,
    ports: &BTreeMap<Office, u16>,
    surroundings: &Surroundings,
) -> Result<PathBuf, Error> {
    let config = scratch.join("config");
    for folder in [&config, &config.join("sources.d"), &config.join("secrets")] {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| Error::Folder { path: folder.clone(), error })?;
    }
    put(&config.join("petitiond.toml"), SETTINGS)?;
    let secrets = config.join("secrets");
    put(&secrets.join("database-url"), surroundings.database_url.expose_secret())?;
    put(&secrets.join("broker-url"), surroundings.broker_url.expose_secret())?;
    let key = secrets.join("identity-key");
    if !key.exists() {
        KeyRing::generate(&key)?;
    }
    for (office, desk) in desks {
        let port = ports.get(office).map(u16::to_string).unwrap_or_default();
        let file = config.join("sources.d").join(format!("{}.toml", office.source_id()));
        put(&file, &template(*office).replace(PORT, &port))?;
        if let Some(secret) = desk.door.secret() {
            put(&secrets.join(office.source_id()), secret)?;
        }
    }
    Ok(config)
}

/// A file of mode 600 from the first byte on.
fn put(path: &Path, content: &str) -> Result<(), Error> {
    let write = || {
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
        file.write_all(content.as_bytes())
    };
    write().map_err(|error| Error::Folder { path: path.to_owned(), error })
}
