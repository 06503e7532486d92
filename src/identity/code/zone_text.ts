/** Time zone and locale, which are part of the result where a function's text asks for them. */
import { sha256 } from "../digest.ts";
import type { Report } from "./report.ts";

/** Local time, and the way in which a locale writes. */
export function zoneText(report: Report): string {
  const { timeZone, locale } = Intl.DateTimeFormat().resolvedOptions();
  report.part("value", "time zone and locale", sha256(`${timeZone} ${locale}`), `${timeZone}, ${locale}`);
  return ` zone(${timeZone},${locale})`;
}

/** The order of texts and the way to write numbers, where the text asks for them without saying whose. */
export function localeText(report: Report): string {
  const { locale } = Intl.DateTimeFormat().resolvedOptions();
  report.part("value", "locale", sha256(locale), locale);
  return ` locale(${locale})`;
}
