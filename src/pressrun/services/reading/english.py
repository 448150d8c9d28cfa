"""The words of English."""

from __future__ import annotations

from pressrun.services.reading.rules import Currency, LanguageRules, word_set

ENGLISH = LanguageRules(
    code="en", decimal=".", thousands=",", point="point", minus="minus", percent="percent", to="to", conjunction="and",
    months=(
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
    month_abbreviations={
        "jan.": 1, "feb.": 2, "mar.": 3, "apr.": 4, "jun.": 6, "jul.": 7, "aug.": 8, "sep.": 9, "sept.": 9, "oct.": 10,
        "nov.": 11, "dec.": 12,
    },
    currencies={
        "$": Currency(("one dollar", "dollars"), ("one cent", "cents")),
        "US$": Currency(("one US dollar", "US dollars"), ("one cent", "cents")),
        "€": Currency(("one euro", "euros"), ("one cent", "cents")),
        "£": Currency(("one pound", "pounds"), ("one penny", "pence")),
        "¥": Currency(("one yen", "yen")),
        "₹": Currency(("one rupee", "rupees"), ("one paisa", "paise")),
        "USD": Currency(("one US dollar", "US dollars"), ("one cent", "cents")),
        "EUR": Currency(("one euro", "euros"), ("one cent", "cents")),
        "GBP": Currency(("one pound", "pounds"), ("one penny", "pence")),
        "¢": Currency(("one cent", "cents")),
    },
    units={
        "km": ("one kilometer", "kilometers"), "m": ("one meter", "meters"), "cm": ("one centimeter", "centimeters"),
        "mm": ("one millimeter", "millimeters"), "mi": ("one mile", "miles"), "ft": ("one foot", "feet"),
        "ft.": ("one foot", "feet"), "yd": ("one yard", "yards"), "kg": ("one kilogram", "kilograms"),
        "g": ("one gram", "grams"), "mg": ("one milligram", "milligrams"), "lb": ("one pound", "pounds"),
        "lbs": ("one pound", "pounds"), "lb.": ("one pound", "pounds"), "lbs.": ("one pound", "pounds"),
        "oz": ("one ounce", "ounces"), "oz.": ("one ounce", "ounces"), "l": ("one liter", "liters"),
        "L": ("one liter", "liters"), "ml": ("one milliliter", "milliliters"), "mL": ("one milliliter", "milliliters"),
        "h": ("one hour", "hours"), "hr": ("one hour", "hours"), "hrs": ("one hour", "hours"),
        "min": ("one minute", "minutes"), "min.": ("one minute", "minutes"), "s": ("one second", "seconds"),
        "sec": ("one second", "seconds"), "sec.": ("one second", "seconds"), "ms": ("one millisecond", "milliseconds"),
        "km/h": ("one kilometer per hour", "kilometers per hour"), "mph": ("one mile per hour", "miles per hour"),
        "m/s": ("one meter per second", "meters per second"), "km²": ("one square kilometer", "square kilometers"),
        "m²": ("one square meter", "square meters"), "m³": ("one cubic meter", "cubic meters"),
        "°C": ("one degree Celsius", "degrees Celsius"), "°F": ("one degree Fahrenheit", "degrees Fahrenheit"),
        "°": ("one degree", "degrees"), "kB": ("one kilobyte", "kilobytes"), "KB": ("one kilobyte", "kilobytes"),
        "MB": ("one megabyte", "megabytes"), "GB": ("one gigabyte", "gigabytes"), "TB": ("one terabyte", "terabytes"),
        "Hz": ("one hertz", "hertz"), "kHz": ("one kilohertz", "kilohertz"), "MHz": ("one megahertz", "megahertz"),
        "GHz": ("one gigahertz", "gigahertz"), "W": ("one watt", "watts"), "kW": ("one kilowatt", "kilowatts"),
        "kWh": ("one kilowatt hour", "kilowatt hours"), "V": ("one volt", "volts"), "px": ("one pixel", "pixels"),
        "ha": ("one hectare", "hectares"), "x": ("one time", "times"),
    },
    abbreviations={
        "Mr.": "Mister", "Mr": "Mister", "Mrs.": "Missus", "Mrs": "Missus", "Ms.": "Miz", "Dr.": "Doctor",
        "Dr": "Doctor", "Prof.": "Professor", "Rev.": "Reverend", "Hon.": "Honorable", "Gen.": "General",
        "Col.": "Colonel", "Capt.": "Captain", "Lt.": "Lieutenant", "Sgt.": "Sergeant", "Gov.": "Governor",
        "Sen.": "Senator", "Rep.": "Representative", "Messrs.": "Messieurs", "Jr.": "Junior", "Jr": "Junior",
        "Sr.": "Senior", "Mt.": "Mount", "Ft.": "Fort", "Ave.": "Avenue", "Blvd.": "Boulevard", "Rd.": "Road",
        "etc.": "et cetera", "e.g.": "for example", "i.e.": "that is", "vs.": "versus", "vs": "versus",
        "v.": "versus", "approx.": "approximately", "ca.": "circa", "cf.": "compare", "et al.": "and others",
        "Inc.": "Incorporated", "Ltd.": "Limited", "Co.": "Company", "Corp.": "Corporation", "Bros.": "Brothers",
        "Dept.": "Department", "Univ.": "University", "Assn.": "Association", "w/": "with", "w/o": "without",
        "a.m.": "AM", "p.m.": "PM", "A.M.": "AM", "P.M.": "PM", "B.C.": "BC", "A.D.": "AD", "Ph.D.": "P H D",
        "PhD": "P H D", "M.D.": "M D", "P.S.": "P S",
        "cent.": "century", "incl.": "including", "est.": "established", "min.": "minimum", "max.": "maximum",
        "St.": "Saint",
    },
    numbered={
        "No.": "number", "no.": "number", "Nos.": "numbers", "nos.": "numbers", "№": "number", "p.": "page",
        "pp.": "pages", "vol.": "volume", "Vol.": "Volume", "ch.": "chapter", "Ch.": "Chapter", "chap.": "chapter",
        "fig.": "figure", "Fig.": "Figure", "c.": "circa", "sec.": "section", "Sec.": "Section", "§": "section",
        "ed.": "edition", "art.": "article", "Art.": "Article", "pt.": "part", "Pt.": "Part", "ver.": "version",
    },
    symbols={
        "&": "and", "+": "plus", "=": "equals", "×": "times", "÷": "divided by", "±": "plus or minus", "≈": "about",
        "~": "about", "<": "less than", ">": "greater than", "≤": "at most", "≥": "at least", "@": "at", "#": "number",
        "°": "degrees",
        "%": "percent", "€": "euro", "£": "pound", "$": "dollar", "©": "copyright", "√": "square root of", "/": "or",
        "∞": "infinity",
    },
    address={".": "dot", "/": "slash", "-": "dash", "_": "underscore", "@": "at", "#": "hashtag"},
    magnitudes={
        "hundred": "hundred", "thousand": "thousand", "million": "million", "billion": "billion",
        "trillion": "trillion", "k": "thousand", "K": "thousand", "m": "million", "M": "million", "bn": "billion",
        "B": "billion", "tn": "trillion", "T": "trillion", "dozen": "dozen",
    },
    numerals_after=word_set(
        "act appendix apollo book canto chapter vol. ch. class figure grade level no. number page pages part phase "
        "plate scene section stage table tome type vol. volume war"
    ),
    regnal="the {}", regnal_ordinal_limit=99, month_first=True, hour="{} {}", full_hour="{} o'clock",
    halves={"½": "a half", "¼": "a quarter", "¾": "three quarters", "⅓": "a third", "⅔": "two thirds",
        "⅛": "an eighth"},
    starters=word_set(
        "the a an it its he she they we i you his her their our my this that these those there then when "
        "while if but and so in on at for from after before as with by to not no one some many most what who "
        "why how"
    ),
    ending=frozenset([
        "etc.", "A.M.", "P.M.", "Inc.", "Ltd.", "Co.", "Corp.", "Jr.", "Sr.", "a.m.", "p.m.", "B.C.", "A.D.", "Ph.D.",
        "M.D.", "Ave.",
        "Blvd.", "Rd.", "St.", "Bros.", "et al.",
    ]),
)
