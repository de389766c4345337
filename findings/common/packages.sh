# Sourced by findings/NAME.sh: pinned public packages in a temp folder that is removed at the end.
# Nothing of the system changes, and no rights are needed but those to start programs under another root.
# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later

temp=$(mktemp -d)
trap 'chmod -R u+w "$temp"; rm -rf -- "$temp"' EXIT

say() { printf '%s\n' "$*" >&2; }
cannot() {
  say "cannot try it: $*"
  exit 77
}

# FINDINGS_CACHE names a folder that keeps what apt downloads from one run to the next; without it nothing
# is kept.

# apt_get SUITE ARGUMENT...: apt-get with folders of its own, as if no package were installed.
apt_get() {
  local apt=${FINDINGS_CACHE:-$temp}/apt-$1
  shift
  apt-get -qq -o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
    -o "Dir::State::lists=$apt/lists" -o Dir::State::status=/dev/null \
    -o "Dir::Cache=$apt/cache" -o "Dir::Log=$apt" -o APT::Sandbox::User= -o Debug::NoLocking=true \
    -o Acquire::Languages=none -o APT::Install-Recommends=false -o APT::Architectures=amd64 \
    -o Dpkg::Use-Pty=0 "$@"
}

# debian SUITE NAME=VERSION...: these packages of Debian's SUITE (bookworm, trixie, sid) and all that they need,
# libc included, unpacked in $temp/SUITE. What is asked for has its stated version; what it needs has the
# suite's. Ends with 77 where they are not to be had.
debian() {
  local suite=$1 apt=${FINDINGS_CACHE:-$temp}/apt-$1 root=$temp/$1 mirror part archive
  shift
  command -v apt-get >/dev/null || cannot "no apt-get"
  [[ $(dpkg --print-architecture) == amd64 ]] || cannot "the versions are those of amd64"
  # shellcheck disable=SC2016 # apt's own variable
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1)
  [[ -n $mirror ]] || cannot "apt knows no mirror of Debian"
  mkdir -p "$apt"/lists/partial "$apt"/cache/archives/partial "$root"
  printf 'deb [signed-by=%s] %s %s main\n' /usr/share/keyrings/debian-archive-keyring.gpg \
    "$mirror" "$suite" >"$apt/sources.list"
  apt_get "$suite" update >&2 || cannot "the package lists of $suite"
  apt_get "$suite" --yes --download-only install bash coreutils "$@" >&2 || cannot "$*"
  if [[ $suite != bookworm ]]; then
    for part in bin sbin lib lib64; do # these packages have no files outside usr
      mkdir -p "$root/usr/$part"
      ln -s "usr/$part" "$root/$part"
    done
  fi
  apt_get "$suite" --simulate install bash coreutils "$@" |
    sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1_\2_/p' | sed 's/:/%3a/g' >"$root.list"
  while read -r archive; do
    dpkg-deb --fsys-tarfile "$apt/cache/archives/$archive"*.deb |
      tar --extract --keep-directory-symlink --no-same-owner --directory "$root"
  done <"$root.list"
  mkdir -p "$root"/{dev,proc,sys,tmp,trial}
  : >"$root/dev/null" # a plain file does as well
  inside "$suite" true || cannot "no program runs under another root here"
}

# inside SUITE PROGRAM [ARGUMENT...]: runs it in the folder /trial of the packages of SUITE. It sees the
# machine's /dev, /proc and /sys where that is allowed, in a mount namespace that ends with it.
inside() {
  local root=$temp/$1 enter=(unshare --mount) mounted="dev proc sys" libraries=/usr/lib/x86_64-linux-gnu
  shift
  ((EUID == 0)) || enter+=(--map-root-user)
  if ! "${enter[@]}" true 2>/dev/null; then
    ((EUID == 0)) || cannot "no user namespaces here"
    enter=() mounted=''
  fi
  # shellcheck disable=SC2016 # expanded by the inner shell
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/trial PYTHONWARNINGS=ignore \
    "MOUNTED=$mounted" PYTHONDONTWRITEBYTECODE=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 \
    "LD_LIBRARY_PATH=$libraries/blas:$libraries/lapack" "${enter[@]}" sh -c '
      root=$1
      shift
      for part in $MOUNTED; do mount --rbind "/$part" "$root/$part" 2>/dev/null; done
      exec chroot "$root" env -C /trial "$@"' sh "$root" "$@"
}

# npm_packages NAME@VERSION...: in $temp/node_modules. No script of theirs is run.
npm_packages() {
  command -v node >/dev/null || cannot "no Node.js"
  command -v npm >/dev/null || cannot "no npm"
  npm install --prefix "$temp" --ignore-scripts --no-audit --no-fund --omit=optional "$@" >&2 || cannot "$*"
}

# compare STATED SEEN: exit status 0 where SEEN is what the script's head states, 1 with the difference.
compare() {
  if diff <(printf '%s\n' "$1") <(printf '%s\n' "$2"); then
    echo "as stated"
  else
    say "not as stated (< stated, > seen)"
    exit 1
  fi
}
