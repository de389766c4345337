// Physical quantities written as text: "2.8 t", "4.6 GW", "1 month".
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace nuloop::io {

/// What a number measures. Its value is held in the canonical unit, which is given here.
enum class Dimension {
  number,                  ///< dimensionless; written without a unit
  energy,                  ///< MeV
  mass,                    ///< t
  length,                  ///< m
  power,                   ///< GW
  time,                    ///< yr (365.25 days)
  inverse_mass,            ///< /t
  particle_flux,           ///< /m2/s
  area,                    ///< cm2
  area_per_mass,           ///< cm2/g
  inverse_energy_squared,  ///< /GeV2
  rate,                    ///< /day
  rate_per_mass,           ///< /day/t
  mass_squared,            ///< eV2
  quenching,               ///< g/cm2/MeV
  relative,                ///< part of something: a number, or a text in per cent ("0.5 %")
};

/// The canonical unit as a user writes it ("MeV"); empty for numbers.
std::string_view canonical_unit(Dimension dimension);

/// The canonical unit in a spelling that UDUNITS, pint, astropy and GNU Units all read: "cm^2/g",
/// "365.25 day" for a year, "1" for numbers.
std::string_view common_spelling(Dimension dimension);

/// The value of `text` in the canonical unit.
/// @throws InputError that says what is wanted. The caller adds where the text stands.
double parse_quantity(std::string_view text, Dimension dimension);

/// The shortest text that parse_quantity reads as the same value.
std::string format_quantity(double value, Dimension dimension);

}  // namespace nuloop::io
