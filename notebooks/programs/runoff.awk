# Snow and runoff of a catchment in the mountains, day by day, from the weather in the valley (a csv file: date, precipitation in mm, highest
# and lowest temperature). Variables: height (metres above the valley), warming (degrees), out (the csv file to write).
BEGIN {
  FS = ","
  print "day,snow_mm,runoff_mm" > out
}
NR > 1 {
  celsius = ($3 + $4) / 2 - 0.0065 * height + warming
  if (celsius < 0) snow += $2; else soil += $2
  melt = celsius > 0 ? 3 * celsius : 0
  if (melt > snow) melt = snow
  snow -= melt
  soil += melt
  dries = celsius > 0 ? 0.12 * celsius : 0
  if (dries > soil) dries = soil
  soil -= dries
  runoff = 0.04 * soil
  soil -= runoff
  total += runoff
  if (snow > most) most = snow
  printf "%s,%.3f,%.3f\n", substr($1, 1, 10), snow, runoff > out
}
$1 ~ /-12-31/ { printf "%s: %5.0f mm of runoff so far\n", substr($1, 1, 4), total }
END { printf "%d days, at most %.0f mm of snow\n", NR - 1, most }
