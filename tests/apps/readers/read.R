# Prints every dataset of results as JSON, as R reads it: Rscript read.R ncdf4|hdf5r FILE...
# R has the first index fastest and turns the dimensions round, so that values stay in their order.
# SPDX-License-Identifier: GPL-3.0-or-later
words <- commandArgs(TRUE)

shown <- function(values) {
  if (is.character(values)) return(encodeString(enc2utf8(as.vector(values)), quote = '"'))
  paste0('"', sprintf("%.17g", as.numeric(values)), '"')
}

entry <- function(path, values) sprintf('"%s": [%s]', path, paste(shown(values), collapse = ", "))

in_ncdf4 <- function(path) {
  file <- nc_open(path)
  names <- union(names(file$var), names(file$dim))
  sapply(names, function(name) entry(paste0("/", name), ncvar_get(file, name, raw_datavals = TRUE)))
}

in_hdf5r <- function(path) {
  file <- H5File$new(path, mode = "r")
  listed <- file$ls(recursive = TRUE)
  names <- listed$name[listed$obj_type == "H5I_DATASET"]
  sapply(names, function(name) entry(paste0("/", name), file[[name]]$read()))
}

suppressPackageStartupMessages(library(words[1], character.only = TRUE))
read <- if (words[1] == "ncdf4") in_ncdf4 else in_hdf5r
files <- sapply(words[-1], function(path) sprintf('"%s": {%s}', path, paste(read(path), collapse = ",\n")))
cat("{", paste(files, collapse = ",\n"), "}\n")
