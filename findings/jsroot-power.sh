#!/usr/bin/env bash
# findings/jsroot-power.sh: the hat as power in the formula of a ROOT function (TF1) drawn by JSROOT.
# Packages: jsroot 7.11.2 (npm).
# Expected: "(x-1)^2" is drawn like "(x-1)*(x-1)", as in ROOT, where ^ is the power; or it is refused.
# Seen: only the letters x^2 to x^9 are replaced by powers. Elsewhere ^ stays and is JavaScript's exclusive
#   or of integers: "(x-1)^2" and "exp(-(x-1)^2)", a Gaussian, are drawn as other curves, "2^x" too. "x^10"
#   becomes ten times x (pow(x,1) and a digit), "x^0.5" x to no power. No message.
# Documentation: none was found. The title is the formula, as here, where an object brings no C++ text or
#   points of its own.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

npm_packages jsroot@7.11.2

cat >"$temp/draw.mjs" <<'JAVASCRIPT'
import { create, makeSVG } from 'jsroot';

// The longest path of the picture: the curve.
async function curve(formula) {
  const object = Object.assign(create('TF1'), {
    fName: 'f', fTitle: formula, fFormula: null, fXmin: 0, fXmax: 3, fNpx: 100, fNpar: 0, fNdim: 1,
    fType: 0, fSave: [], fLineColor: 2, fLineWidth: 2 });
  const picture = await makeSVG({ object, width: 400, height: 300 });
  const paths = [...picture.matchAll(/ d="([^"]*)"/g)].map((match) => match[1]);
  return paths.sort((a, b) => b.length - a.length)[0];
}

for (const [hat, plain] of [['x^2', 'x*x'], ['(x-1)^2', '(x-1)*(x-1)'],
    ['exp(-(x-1)^2)', 'exp(-(x-1)*(x-1))'], ['2^x', 'pow(2,x)'], ['x^10', 'pow(x,10)'], ['x^0.5', 'sqrt(x)']])
  console.log(hat, await curve(hat) === await curve(plain) ? 'is' : 'is not', plain);
JAVASCRIPT

stated='x^2 is x*x
(x-1)^2 is not (x-1)*(x-1)
exp(-(x-1)^2) is not exp(-(x-1)*(x-1))
2^x is not pow(2,x)
x^10 is not pow(x,10)
x^0.5 is not sqrt(x)'

seen=$(cd "$temp" && node draw.mjs)
compare "$stated" "$seen"
