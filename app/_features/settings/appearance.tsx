"use client";

import { Radio, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { surfaces, accent, type Scheme } from "#app/_ui/theme/palette.ts";
import { useHydrated, useLocale, useSetLocale, useWords } from "#app/_ui/words/locale.tsx";
import { LOCALES } from "#app/_ui/words/locales.ts";
import { settingsWords } from "./settings-words.ts";
import classes from "./settings.module.css";

const SCHEMES = ["light", "dark", "auto"] as const satisfies MantineColorScheme[];
const LANGUAGES = { en: "English", de: "Deutsch" } as const;

export function Appearance() {
  const words = useWords(settingsWords);
  const hydrated = useHydrated();
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const locale = useLocale();
  const setLocale = useSetLocale();
  return (
    <>
      <Panel title={words.colours} description={words.coloursText}>
        <div className={classes.swatches} role="radiogroup" aria-label={words.colours}>
          {SCHEMES.map((scheme) => (
            <label key={scheme} className={classes.swatch}>
              <Picture scheme={scheme} />
              <span>
                <input
                  type="radio"
                  name="scheme"
                  value={scheme}
                  checked={hydrated && colorScheme === scheme}
                  onChange={() => setColorScheme(scheme)}
                />
                {words[scheme]}
              </span>
            </label>
          ))}
        </div>
      </Panel>
      <Panel title={words.language} description={words.languageText}>
        <Radio.Group
          aria-label={words.language}
          value={locale}
          onChange={(value) => {
            const chosen = LOCALES.find((one) => one === value);
            if (chosen) setLocale(chosen);
          }}
        >
          <div className={classes.choice}>
            {LOCALES.map((one) => (
              <Radio key={one} value={one} label={LANGUAGES[one]} lang={one} />
            ))}
          </div>
        </Radio.Group>
      </Panel>
    </>
  );
}

/** A page in the scheme's own colours, whatever the present one is; for "as the device" half and half. */
function Picture({ scheme }: { scheme: Scheme | "auto" }) {
  return (
    <svg viewBox="0 0 160 90" className={classes.picture} aria-hidden="true">
      <Page scheme={scheme === "dark" ? "dark" : "light"} />
      {scheme === "auto" && (
        <>
          <clipPath id="right-half">
            <path d="M92 0H160V90H68Z" />
          </clipPath>
          <g clipPath="url(#right-half)">
            <Page scheme="dark" />
          </g>
        </>
      )}
    </svg>
  );
}

function Page({ scheme }: { scheme: Scheme }) {
  const surface = surfaces[scheme];
  return (
    <>
      <rect width="160" height="90" fill={surface.page} />
      <path d="M38 0V90M38 14H160" stroke={surface.border} />
      <rect x="46" y="22" width="106" height="60" rx="3" fill={surface.panel} stroke={surface.border} />
      <path d="M8 22H30M8 32H26M8 42H28" stroke={surface["text-faint"]} strokeWidth="3" strokeLinecap="round" />
      <path d="M56 36H118M56 48H140M56 60H104" stroke={surface["text-dim"]} strokeWidth="3" strokeLinecap="round" />
      <rect x="118" y="66" width="26" height="9" rx="2" fill={accent[scheme].base} />
    </>
  );
}
