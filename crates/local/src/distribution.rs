use std::io;
use std::process::{Command, Output, Stdio};

use crate::StoresError;
use crate::account::Account;
use crate::error::telling_line;
use crate::process::find_on_path;

const REMEDY: &str =
    "install PostgreSQL 15 or newer (on Debian and Ubuntu: apt-get install postgresql)";

/// Debian creates and starts a server of its own on installation, unless its settings say not to.
const ASK_FOR_NO_CLUSTER: &str = r"
    settings=/etc/postgresql-common/createcluster.conf
    mkdir -p /etc/postgresql-common
    if [ -e $settings ]; then cp -p $settings $settings.kept; fi
    echo 'create_main_cluster = false' >> $settings";

/// Puts the administrator's settings back, or the package's own where there were none.
const WITHDRAW_IT: &str = r"
    settings=/etc/postgresql-common/createcluster.conf
    template=/usr/share/postgresql-common/createcluster.conf
    if [ -e $settings.kept ]; then mv $settings.kept $settings
    elif [ -e $template ]; then cp $template $settings
    else rm -f $settings; fi
    rm -f $settings.ucf-dist";

/// Installs Postgres from the distribution, without the server it would start for itself.
pub(crate) fn install_postgres() -> Result<(), StoresError> {
    let missing = |remedy: String| StoresError::Missing {
        store: "Postgres 15 or newer",
        remedy,
    };
    let root = Root::obtain().ok_or_else(|| missing(REMEDY.to_owned()))?;
    root.run(&["sh", "-c", ASK_FOR_NO_CLUSTER])
        .map_err(|cause| missing(format!("{REMEDY}; {cause}")))?;
    let installed = root.install("postgresql");
    let _ = root.run(&["sh", "-c", WITHDRAW_IT]);
    installed.map_err(|reason| missing(format!("{REMEDY}; apt-get said: {reason}")))
}

/// Installs Python and its pip, if we may; says whether it did.
pub(crate) fn install_pip() -> bool {
    Root::obtain().is_some_and(|root| root.install("python3-pip").is_ok())
}

/// A way to act as root: being it, or sudo without a password.
struct Root {
    prefix: &'static [&'static str],
}

impl Root {
    fn obtain() -> Option<Self> {
        find_on_path("apt-get")?;
        if Account::current().ok()?.is_root() {
            return Some(Self { prefix: &[] });
        }
        let sudo = Self {
            prefix: &["sudo", "-n"],
        };
        sudo.run(&["true"])
            .is_ok_and(|output| output.status.success())
            .then_some(sudo)
    }

    fn run(&self, words: &[&str]) -> io::Result<Output> {
        let line = [self.prefix, &["env"], words].concat();
        let (program, words) = line.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        Command::new(program)
            .args(words)
            .stdin(Stdio::null())
            .output()
    }

    /// A bare machine has no package lists yet.
    fn install(&self, package: &str) -> Result<(), String> {
        let install = || self.apt_get(&["install", "--no-install-recommends", package]);
        install().or_else(|_| self.apt_get(&["update"]).and_then(|()| install()))
    }

    fn apt_get(&self, words: &[&str]) -> Result<(), String> {
        let settings = ["DEBIAN_FRONTEND=noninteractive", "UCF_FORCE_CONFFOLD=1"];
        let line = [&settings[..], &["apt-get", "-y", "-q"], words].concat();
        let output = self.run(&line).map_err(|cause| cause.to_string())?;
        if output.status.success() {
            return Ok(());
        }
        Err(telling_line(&String::from_utf8_lossy(&output.stderr)))
    }
}
