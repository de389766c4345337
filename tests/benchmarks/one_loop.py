"""The one-loop cross section in plain Python: the formulas of lib/physics written down once more, one number at a
time and without regard to speed or to lost digits. Sources as there: arXiv:1907.03379 for the electron spectrum,
loops and couplings; the electromagnetic spectrum is the project's own. E, T in MeV, results in cm2/MeV.
"""
# SPDX-License-Identifier: GPL-3.0-or-later
from math import asinh, expm1, log, pi, sqrt

from scipy.special import spence

ELECTRON_MASS = 0.51099895
MUON_MASS = 105.6583755
TAU_MASS = 1776.86
W_MASS = 80377.0
FERMI_CONSTANT = 1.1663787e-5  # GeV^-2
FINE_STRUCTURE = 1 / 137.035999084
HBAR_C_SQUARED = 0.3893793721e-27  # GeV^2 cm^2
NORM = 1e-6 * HBAR_C_SQUARED * ELECTRON_MASS / (4 * pi)


def dilogarithm(x):
    """Li2(x), x <= 1."""
    return float(spence(1 - x))


def born(w, t):
    """Factors of cL^2, cR^2, cL cR for neutrinos; w = E/m, t = T/m."""
    return 1.0, (1 - t / w)**2, -t / (w * w)


def elastic(w, t):
    """Whether T < T_max."""
    return (1 + 2 * w) * t < 2 * w * w


def pauli(w, t, theta, sinh):
    left, right, interference = born(w, t)
    f2 = theta / (2 * sinh)
    mixed = (-3 - (1 - t / w)**2 + 2 * t / w + 2 * t / w**2 + (t / w)**2) / 4
    return f2 * (interference + mixed), f2 * (interference + mixed), f2 * 2 * (left + right + mixed)


def virtual_soft(theta, eta, eta_minus_1, gamma, beta):
    form_factor = -1 + (1 / beta) * ((3 + 1 / gamma) * theta / 4 - theta / 4 * (2 * log(1 + eta) - theta)
                                     + 0.5 * (dilogarithm(eta / (1 + eta)) - dilogarithm(1 / (1 + eta))))
    soft = 1 + (1 / beta) * (theta * (1 + 3 * theta - 2 * log(eta_minus_1) - 2 * log(1 + eta))
                             + dilogarithm(1 / (eta * eta)) - pi**2 / 6)
    return 2 * form_factor + soft


def recoil(t):
    theta = 2 * asinh(sqrt(t / 2))
    eta_minus_1 = expm1(theta)
    gamma, sinh = 1 + t, sqrt(t * (2 + t))
    return theta, 1 + eta_minus_1, eta_minus_1, gamma, sinh, sinh / gamma


def electron_photonic(w, t):
    """(dL, dR, dLR) of the electron spectrum, T < T_max."""
    theta, h, hm, gamma, sinh, beta = recoil(t)
    s = 1 + 2 * w
    d = s - h
    q = h * d + hm
    real = (-1 + log(2 * h * w / q)
            + (1 / beta) * (pi**2 / 6 - theta * (1 + 2 * (2 * theta + log(h * d / (q * hm)) - 2 * log(1 + h)))
                            - dilogarithm(1 / (h * h)) - dilogarithm(-(h * s - 1) / (h * h * d))
                            + dilogarithm(-(h * s - 1) / d)))
    factor = virtual_soft(theta, h, hm, gamma, beta) + real + (2 * theta / beta - 2) * log(hm * d / q)
    lb, la, lc, ld = 2 * theta, log(q / (h * d)), log((s - 1) * h / d), log(hm / (h * d))
    dd = pi**2 / 6 - dilogarithm(1 / h) + dilogarithm(1 / s) - dilogarithm(h / s) + theta * (log(s) - theta)
    h2, h3, h4, h5, h6 = h**2, h**3, h**4, h**5, h**6
    s2, s3, s4, s5 = s**2, s**3, s**4, s**5
    left = (lb * (h3 * s - h3 - 2 * h2 * s2 + 5 * h2 * s + h2 - h * s2 + h * s - 4 * h - s2 + s)
            / (2 * h * (h + 1))
            + la * (6 * h**10 - 15 * h**9 * s + 10 * h**8 * s2 + 10 * h**8 * s - 15 * h**7 * s2 - 45 * h**7
                    + 90 * h6 * s + 60 * h6 - h5 * s5 + 5 * h5 * s4 - 130 * h5 * s2 + 95 * h5 * s - 171 * h5
                    + 90 * h4 * s + 60 * h4 - 15 * h3 * s2 - 45 * h3 + 10 * h2 * s2 + 10 * h2 * s - 15 * h * s
                    + 6) / (60 * h5)
            + ld * hm * (30 * h5 * s - 30 * h5 + 25 * h4 * s2 + 55 * h4 * s + 21 * h4 - 5 * h3 * s2 - 5 * h3 * s
                         - 39 * h3 + 10 * h2 * s2 - 5 * h2 * s + 6 * h2 - 15 * h * s + 6 * h + 6) / (60 * h5)
            + lc * (s - 3) * (s - 1) / 2 + dd * (s2 + 2 * s - 1) / 2
            + d * hm * (-12 * h6 + 6 * h5 * s - 6 * h5 + 4 * h4 * s2 - 23 * h4 * s - 3 * h4 + 2 * h3 * s3
                        - 11 * h3 * s2 + 92 * h3 * s + 45 * h3 + h2 * s2 + 7 * h2 * s - 30 * h2 + 24 * h * s
                        - 24 * h - 12) / (120 * h4))
    right = (lb * (h5 + 6 * h4 * s - h4 - 4 * h3 * s2 + 6 * h3 * s - 10 * h3 - 2 * h2 * s2 + 14 * h2 * s
                   + 4 * h2 - 2 * h * s2 - 10 * h * s - 5 * h + 3) / (4 * h2 * (h + 1))
             + la * q * q * (h6 - 3 * h5 * s + 7 * h5 + 3 * h4 * s2 - 14 * h4 * s + 56 * h4 - h3 * s3
                             + 7 * h3 * s2 - 59 * h3 * s + 73 * h3 + 3 * h2 * s2 - 14 * h2 * s + 56 * h2
                             - 3 * h * s + 7 * h + 1) / (60 * h5)
             + ld * hm * (100 * h6 - 80 * h5 * s - 45 * h5 + 25 * h4 * s2 + 95 * h4 * s + 51 * h4 - 5 * h3 * s2
                          - 45 * h3 * s - 14 * h3 + 10 * h2 * s2 - 25 * h2 * s + 51 * h2 - 5 * h * s + 6 * h
                          + 1) / (60 * h5)
             - lc * (4 * h4 * s2 - 2 * h3 * s3 - 16 * h3 * s2 + 2 * h3 * s + h2 * s4 + 16 * h2 * s3 + 2 * h2 * s2
                     + 8 * h2 * s - 3 * h2 - 2 * h * s3 - 16 * h * s2 + 2 * h * s + 4 * s2) / (4 * h2 * s2)
             + dd * (2 * h4 - 2 * h3 * s + h2 * s2 + 2 * h2 * s + h2 - 2 * h * s + 2) / (2 * h2)
             + d * hm * (-2 * h6 * s + 6 * h5 * s2 - 11 * h5 * s - 6 * h4 * s3 + 22 * h4 * s2 - 253 * h4 * s
                         + 2 * h3 * s4 - 11 * h3 * s3 + 292 * h3 * s2 + 325 * h3 * s - 9 * h2 * s3 + 67 * h2 * s2
                         - 205 * h2 * s - 90 * h2 + 9 * h * s2 - 14 * h * s - 2 * s) / (120 * h4 * s))
    interference = (-lb * hm * (h2 - 4 * h * s + s2 - 2 * s) / (h * (h + 1))
                    + la * (h6 - 3 * h5 * s - 6 * h5 + 3 * h4 * s2 + 12 * h4 * s + 6 * h4 - h3 * s3
                            - 6 * h3 * s2 - 3 * h3 * s - 16 * h3 + 3 * h2 * s2 + 12 * h2 * s + 6 * h2
                            - 3 * h * s - 6 * h + 1) / (3 * h3)
                    + ld * hm * (-9 * h3 + 9 * h2 * s + h2 - 3 * h * s - 5 * h + 1) / (3 * h3)
                    + lc * 2 * (h2 * s - 2 * h * s2 + h * s - h + s) / (h * s)
                    + dd * 2 * (h * s - h2 - 1) / h
                    + d * hm * (h * s - h2 + 10 * h - 1) / (3 * h2))
    hard = (left, right, interference)
    return tuple(i * factor + p + n / (s - 1)**2
                 for i, p, n in zip(born(w, t), pauli(w, t, theta, sinh), hard))


def radiative_coefficients(w, t):
    """Of the distribution in a = p'.k/m^2, for dL, dR, dLR: of 1/a, (1+2a)^-2, (1+2a)^-1, Q^-4, Q^-2, a, 1, and,
    times Lambda/Q, of 1/a, Q^-4, Q^-2, a^2, a, 1."""
    g = 1 + t
    g3, w2 = g**3, w * w
    shared = 3 * t**3 * (2 * w - t)**2 * (t + 2)
    c = shared * (t * t - 4 * t - 6)
    left = (
        (-2 * w2, -(2 * w + 1) * (4 * t * w - 2 * t + 6 * w - 1) / (16 * g),
         (16 * t**3 * w2 + 32 * t**3 * w + 4 * t**3 + 16 * t**2 * w2 + 56 * t**2 * w + 28 * t * w - 10 * t
          + 4 * w2 + 8 * w - 5) / (32 * g3),
         c / (32 * g),
         -t * (11 * t**7 - 32 * t**6 * w + 8 * t**6 + 24 * t**5 * w2 - 32 * t**5 * w - 104 * t**5 + 32 * t**4 * w2
               + 292 * t**4 * w - 250 * t**4 - 236 * t**3 * w2 + 752 * t**3 * w - 206 * t**3 - 672 * t**2 * w2
               + 640 * t**2 * w - 56 * t**2 - 608 * t * w2 + 176 * t * w - 176 * w2) / (32 * g3),
         (5 * t - 8 * w - 11) / 16,
         (8 * t**3 - 20 * t**2 * w - 26 * t**2 + 12 * t * w2 + 44 * t * w - 7 * t - 4 * w2 + 64 * w + 3) / 32),
        (w2 * g, -c / 64,
         t * (6 * t**5 - 18 * t**4 * w - 9 * t**4 + 14 * t**3 * w2 + 24 * t**3 * w - 47 * t**3 - 16 * t**2 * w2
              + 144 * t**2 * w - 28 * t**2 - 128 * t * w2 + 88 * t * w - 88 * w2) / 32,
         -3 / 16, -(3 * t**2 - 6 * t * w - 9 * t + 2 * w2 - 5) / 16,
         -(9 * t**4 - 24 * t**3 * w - 24 * t**3 + 16 * t**2 * w2 + 48 * t**2 * w - 28 * t**2 - 16 * t * w2
           + 120 * t * w - 24 * w2 + 64 * w) / 64))
    right = (
        (-2 * (w - t)**2, -(2 * w - 2 * t - 1) * (-4 * t**2 + 4 * t * w - 4 * t + 6 * w + 1) / (16 * g),
         (16 * t**5 - 32 * t**4 * w + 48 * t**4 + 16 * t**3 * w2 - 64 * t**3 * w + 60 * t**3 + 16 * t**2 * w2
          - 56 * t**2 * w + 32 * t**2 - 36 * t * w - 2 * t + 4 * w2 - 8 * w - 5) / (32 * g3),
         c / (32 * g),
         -t * (3 * t**7 - 16 * t**6 * w + 8 * t**6 + 24 * t**5 * w2 - 32 * t**5 * w - 48 * t**5 + 32 * t**4 * w2
               + 180 * t**4 * w - 170 * t**4 - 236 * t**3 * w2 + 592 * t**3 * w - 174 * t**3 - 672 * t**2 * w2
               + 576 * t**2 * w - 56 * t**2 - 608 * t * w2 + 176 * t * w - 176 * w2) / (32 * g3),
         (8 * w - 3 * t - 11) / 16,
         (-4 * t**2 * w + 14 * t**2 + 12 * t * w2 - 36 * t * w + 57 * t - 4 * w2 - 64 * w + 3) / 32),
        ((w - t)**2 * g, -c / 64,
         t * (2 * t**5 - 10 * t**4 * w - t**4 + 14 * t**3 * w2 + 8 * t**3 * w - 31 * t**3 - 16 * t**2 * w2
              + 112 * t**2 * w - 28 * t**2 - 128 * t * w2 + 88 * t * w - 88 * w2) / 32,
         -3 / 16, -(-t**2 + 2 * t * w - 9 * t + 2 * w2 - 5) / 16,
         -(t**4 - 8 * t**3 * w + 8 * t**3 + 16 * t**2 * w2 - 16 * t**2 * w + 68 * t**2 - 16 * t * w2 - 72 * t * w
           + 64 * t - 24 * w2 - 64 * w) / 64))
    interference = (
        (2 * t, (2 * w + 1) * (2 * w - 2 * t - 1) / (4 * g),
         -(-8 * t**3 * w - 8 * t**3 + 8 * t**2 * w2 - 8 * t**2 * w - 18 * t**2 + 8 * t * w2 - 4 * t * w - 16 * t
           + 4 * w2 - 5) / (8 * g3),
         shared / (8 * g),
         -t * (4 * t**5 - 12 * t**4 * w + 12 * t**4 + 12 * t**3 * w2 - 32 * t**3 * w + 13 * t**3 + 32 * t**2 * w2
               - 32 * t**2 * w + 4 * t**2 + 32 * t * w2 - 8 * t * w + 8 * w2) / (8 * g3),
         0.0, (t - 19) / 8),
        (-t * g, -shared / 16,
         t * (5 * t**3 - 16 * t**2 * w + 4 * t**2 + 16 * t * w2 - 8 * t * w + 8 * w2) / 16,
         0.0, 1 / 8, -(t**2 - 2 * t * w - 8 * t + 2 * w2 - 8) / 8))
    return left, right, interference


def antiderivatives(q, a, g, lam):
    """Of Lambda Q^(0, 2, 4, -2, -4) over Q, Lambda being ln[(g + Q)/(g - Q)]."""
    v = q / g
    l1, lv = log((1 + 2 * a) / (g * g)), 2 * log(v)
    return (g * (v * lam + l1),
            g**3 * (v**3 * lam / 3 + (v * v + l1) / 3),
            g**5 * (v**5 * lam / 5 + (v**4 / 2 + v * v + l1) / 5),
            (-lam / v + lv - l1) / g,
            (-lam / (3 * v**3) + (lv - l1 - 1 / (v * v)) / 3) / g**3)


def four_dilogarithms(q, a, g, beta):
    y = beta + q / g
    u = 2 * a / (g * g) / y
    one_minus_beta = 1 / (g * g * (1 + beta))
    return (dilogarithm(u / (1 + beta)) - dilogarithm(-u / one_minus_beta)
            + dilogarithm(y / (1 + beta)) - dilogarithm(-y / one_minus_beta))


def electromagnetic_photonic(w, t):
    """(dL, dR, dLR) of the spectrum in T = T_e + E_gamma, T < E."""
    theta, eta, eta_minus_1, g, sinh, beta = recoil(t)
    below = elastic(w, t)
    q1, a1 = (sinh, 0.0) if below else (2 * w - t, t - 2 * w * (w - t))
    lam = 2 * theta if below else log((g + q1) / (g - q1))
    j0, j2, j4, jm2, jm4 = (x - y for x, y in zip(antiderivatives(q1, a1, g, lam),
                                                  antiderivatives(t, t, g, log((g + t) / (g - t)))))
    q2 = t * (t + 2)
    logarithm = log(t) if below else log(t / a1)  # below T_max what is infinite cancels the soft photons'
    rational = (logarithm, 0.5 * (1 / (1 + 2 * a1) - 1 / (1 + 2 * t)), 0.5 * log((1 + 2 * t) / (1 + 2 * a1)),
                0.5 * (1 / (t * t) - 1 / (q1 * q1)), 0.5 * log(q1 * q1 / (t * t)), 0.5 * (t * t - a1 * a1), t - a1)
    dilogarithms = four_dilogarithms(q1, a1, g, beta) - four_dilogarithms(t, t, g, beta)
    with_lambda = ((2 * theta * logarithm + dilogarithms) / sinh, jm4, jm2,
                   (q2 * q2 * j0 - 2 * q2 * j2 + j4) / 4, (q2 * j0 - j2) / 2, j0)
    hard = [(sum(c * x for c, x in zip(r, rational)) + sum(c * x for c, x in zip(l, with_lambda))) / (w * w)
            for r, l in radiative_coefficients(w, t)]
    if not below:
        return tuple(hard)
    factor = virtual_soft(theta, eta, eta_minus_1, g, beta) + (2 * theta / beta - 2) * log(2)
    return tuple(i * factor + p + x for i, p, x in zip(born(w, t), pauli(w, t, theta, sinh), hard))


def vacuum_polarisation(q2, mass, scale):
    start = log(scale * scale / (mass * mass)) / 3
    r = q2 / (mass * mass)
    if r < 0.05:
        return start - r * (1 / 15 - r * (1 / 140 - r * (1 / 945 - r * (1 / 5544 - r * (1 / 30030 - r / 154440)))))
    return start + 5 / 9 - 4 / (3 * r) - (1 - 2 / r) / 3 * sqrt(1 + 4 / r) * 2 * asinh(0.5 * sqrt(r))


class OneLoop:
    """The NLO cross section of electron antineutrinos with the inputs of configs/couplings.toml."""

    def __init__(self, couplings):
        def number(value):
            return float(str(value).split()[0])

        self.left, self.right = number(couplings["left_same_flavour"]), number(couplings["right"])
        other = number(couplings["left_other_flavour"])
        self.scale = 1e3 * number(couplings["scale"])
        charm = couplings["charm_loop"][couplings["charm"]]
        if couplings["alpha"] != "thomson" or charm["definition"] != "msbar-at-scale":
            raise ValueError("only alpha(0) and charm's mass at the scale are written down here")
        length = log((self.scale / (1e3 * number(charm["mass"])))**2)
        charm_loop = (length + charm["alpha_s"] / pi * (13 / 12 - length)) / 3
        up = number(couplings["up_quark_left"]) + number(couplings["up_quark_right"])
        light = couplings["hadronic_3_gamma"] - 2 * couplings["sin2_theta_w"] * couplings["hadronic_gamma_gamma"]
        self.constant = 2 * sqrt(2) * FERMI_CONSTANT * light + 2 * up * charm_loop
        self.leptons = ((ELECTRON_MASS, self.left + self.right), (MUON_MASS, other + self.right),
                        (TAU_MASS, other + self.right))

    def loops(self, recoil_energy):
        return self.constant - sum(coupling * vacuum_polarisation(2 * ELECTRON_MASS * recoil_energy, mass, self.scale)
                                   for mass, coupling in self.leptons)

    def __call__(self, energy, recoil_energy, photonic=electromagnetic_photonic):
        w, t = energy / ELECTRON_MASS, recoil_energy / ELECTRON_MASS
        a, b = self.right, self.left  # crossed: of antineutrinos
        below = elastic(w, t)
        if not below and (photonic is electron_photonic or t >= w):
            return 0.0
        left, right, interference = photonic(w, t)
        sigma = FINE_STRUCTURE / pi * (a * a * left + b * b * right + a * b * interference)
        if below:
            left, right, interference = born(w, t)
            sigma += a * a * left + b * b * right + a * b * interference
            sigma += (FINE_STRUCTURE / pi * self.loops(recoil_energy)
                      * (a * left + b * right + 0.5 * (a + b) * interference))
        return NORM * sigma


def tree_level(energy, recoil_energy, left, right):
    """Of antineutrinos, T < T_max."""
    y = recoil_energy / energy
    return NORM * (right**2 + left**2 * (1 - y)**2 - left * right * ELECTRON_MASS * y / energy)


def tree_couplings(sin2_theta_w):
    unit = 2 * sqrt(2) * FERMI_CONSTANT
    return unit * (sin2_theta_w + 0.5), unit * sin2_theta_w


def charge_radius_term(energy, recoil_energy, left, right):
    """What the charge radius adds at first order: arXiv:2410.00107."""
    radius = (-FERMI_CONSTANT / (2 * sqrt(2) * pi**2) * (3 - 2 * log((ELECTRON_MASS / W_MASS)**2)))
    y = recoil_energy / energy
    return NORM * 4 * pi * FINE_STRUCTURE / 3 * radius * (
        right + left * (1 - y)**2 - 0.5 * (left + right) * ELECTRON_MASS * y / energy)
