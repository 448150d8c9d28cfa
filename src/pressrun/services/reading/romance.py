"""The words of Spanish, French, Italian and Portuguese."""

from __future__ import annotations

from pressrun.services.reading.rules import Currency, LanguageRules, word_set

SPANISH = LanguageRules(
    code="es", decimal=",", thousands=".", point="coma", minus="menos", percent="por ciento", to="a", conjunction="con",
    months=(
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
        "diciembre",
    ),
    currencies={
        "$": Currency(("un dólar", "dólares"), ("un centavo", "centavos")),
        "€": Currency(("un euro", "euros"), ("un céntimo", "céntimos")),
        "£": Currency(("una libra", "libras"), ("un penique", "peniques")),
        "¥": Currency(("un yen", "yenes")), "₹": Currency(("una rupia", "rupias")),
    },
    units={
        "km": ("un kilómetro", "kilómetros"), "m": ("un metro", "metros"), "cm": ("un centímetro", "centímetros"),
        "mm": ("un milímetro", "milímetros"), "kg": ("un kilogramo", "kilogramos"), "g": ("un gramo", "gramos"),
        "mg": ("un miligramo", "miligramos"), "l": ("un litro", "litros"), "ml": ("un mililitro", "mililitros"),
        "h": ("una hora", "horas"), "min": ("un minuto", "minutos"), "s": ("un segundo", "segundos"),
        "km/h": ("un kilómetro por hora", "kilómetros por hora"), "m²": ("un metro cuadrado", "metros cuadrados"),
        "km²": ("un kilómetro cuadrado", "kilómetros cuadrados"), "°C": ("un grado Celsius", "grados Celsius"),
        "°": ("un grado", "grados"), "MB": ("un megabyte", "megabytes"), "GB": ("un gigabyte", "gigabytes"),
        "ha": ("una hectárea", "hectáreas"), "kW": ("un kilovatio", "kilovatios"),
    },
    abbreviations={
        "Sr.": "señor", "Sra.": "señora", "Srta.": "señorita", "Sres.": "señores", "Dr.": "doctor", "Dra.": "doctora",
        "Dña.": "doña", "Prof.": "profesor", "Ud.": "usted", "Uds.": "ustedes", "etc.": "etcétera",
        "p. ej.": "por ejemplo", "pág.": "página", "págs.": "páginas", "Av.": "avenida", "Avda.": "avenida",
        "EE.UU.": "Estados Unidos", "EE. UU.": "Estados Unidos", "a.C.": "antes de Cristo", "a. C.": "antes de Cristo",
        "d.C.": "después de Cristo", "d. C.": "después de Cristo", "aprox.": "aproximadamente", "tel.": "teléfono",
        "S.A.": "sociedad anónima", "Sto.": "santo", "Sta.": "santa",
    },
    numbered={
        "n.º": "número", "núm.": "número", "nº": "número", "N.º": "número", "p.": "página", "pp.": "páginas",
        "cap.": "capítulo", "vol.": "volumen", "fig.": "figura", "art.": "artículo", "§": "sección",
    },
    symbols={
        "#": "número", "&": "y", "+": "más", "=": "igual a", "×": "por", "÷": "entre", "±": "más o menos", "~": "unos",
        "@": "arroba",
        "%": "por ciento", "°": "grados", "/": "o", "<": "menor que", ">": "mayor que",
    },
    address={".": "punto", "/": "barra", "-": "guion", "_": "guion bajo", "@": "arroba", "#": "etiqueta"},
    magnitudes={"mil": "mil", "millón": "millón", "millones": "millones", "billones": "billones", "M": "millones"},
    numerals_after=word_set("acto capítulo escena fase guerra libro parte siglo tipo tomo volumen"),
    regnal="{}", regnal_ordinal_limit=10, money_of="de", fraction_as_number=True, spaced_thousands=True, one="un",
    hour="{} y {}", halves={"½": "un medio", "¼": "un cuarto", "¾": "tres cuartos", "⅓": "un tercio"},
    starters=word_set("el la los las un una en es no se y pero a de por para con cuando como su sus"),
    ending=frozenset(["etc.", "a.C.", "d.C.", "S.A.", "EE.UU.", "a. C.", "d. C.", "EE. UU."]),
)

FRENCH = LanguageRules(
    code="fr", decimal=",", thousands=".", point="virgule", minus="moins", percent="pour cent", to="à",
    conjunction="et",
    months=(
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
        "décembre",
    ),
    currencies={
        "$": Currency(("un dollar", "dollars"), ("un cent", "cents")),
        "€": Currency(("un euro", "euros"), ("un centime", "centimes")),
        "£": Currency(("une livre", "livres")), "¥": Currency(("un yen", "yens")),
    },
    units={
        "km": ("un kilomètre", "kilomètres"), "m": ("un mètre", "mètres"), "cm": ("un centimètre", "centimètres"),
        "mm": ("un millimètre", "millimètres"), "kg": ("un kilogramme", "kilogrammes"), "g": ("un gramme", "grammes"),
        "mg": ("un milligramme", "milligrammes"), "l": ("un litre", "litres"), "L": ("un litre", "litres"),
        "ml": ("un millilitre", "millilitres"), "h": ("une heure", "heures"), "min": ("une minute", "minutes"),
        "s": ("une seconde", "secondes"), "km/h": ("un kilomètre à l'heure", "kilomètres à l'heure"),
        "m²": ("un mètre carré", "mètres carrés"), "km²": ("un kilomètre carré", "kilomètres carrés"),
        "°C": ("un degré Celsius", "degrés Celsius"), "°": ("un degré", "degrés"), "Mo": ("un mégaoctet", "mégaoctets"),
        "Go": ("un gigaoctet", "gigaoctets"), "ha": ("un hectare", "hectares"), "kW": ("un kilowatt", "kilowatts"),
    },
    abbreviations={
        "M.": "Monsieur", "MM.": "Messieurs", "Mme": "Madame", "Mmes": "Mesdames", "Mlle": "Mademoiselle",
        "Dr": "Docteur", "Pr": "Professeur", "Me": "Maître", "St": "Saint", "Ste": "Sainte", "etc.": "et cetera",
        "p. ex.": "par exemple", "c.-à-d.": "c'est-à-dire", "env.": "environ", "av. J.-C.": "avant Jésus-Christ",
        "apr. J.-C.": "après Jésus-Christ", "J.-C.": "Jésus-Christ", "bd": "boulevard", "Bd": "boulevard",
        "av.": "avenue", "cf.": "voir", "tél.": "téléphone",
    },
    numbered={
        "n°": "numéro", "N°": "numéro", "nº": "numéro", "p.": "page", "pp.": "pages", "chap.": "chapitre",
        "vol.": "volume", "fig.": "figure", "art.": "article", "§": "paragraphe",
    },
    symbols={
        "#": "numéro", "&": "et", "+": "plus", "=": "égale", "×": "fois", "÷": "divisé par", "±": "plus ou moins",
        "~": "environ",
        "@": "arobase", "%": "pour cent", "°": "degrés", "/": "ou", "<": "inférieur à", ">": "supérieur à",
    },
    address={".": "point", "/": "slash", "-": "tiret", "_": "tiret bas", "@": "arobase", "#": "hashtag"},
    magnitudes={
        "mille": "mille", "million": "million", "millions": "millions", "milliard": "milliard",
        "milliards": "milliards", "M": "millions", "Md": "milliards", "k": "mille",
    },
    numerals_after=word_set("acte chapitre figure guerre livre niveau partie phase scène section tome type volume"),
    regnal="{}", regnal_ordinal_limit=1, money_of="de", fraction_as_number=True, spaced_thousands=True,
    hour="{} heures {}", full_hour="{} heures", hour_word="heures",
    halves={"½": "un demi", "¼": "un quart", "¾": "trois quarts", "⅓": "un tiers", "⅔": "deux tiers"},
    starters=word_set("le la les un une il elle ils elles on ce cette et mais en dans à pour par nous vous je"),
    ending=frozenset(["etc.", "J.-C.", "av. J.-C.", "apr. J.-C."]),
)

ITALIAN = LanguageRules(
    code="it", decimal=",", thousands=".", point="virgola", minus="meno", percent="per cento", to="a", conjunction="e",
    months=(
        "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
        "novembre", "dicembre",
    ),
    currencies={
        "$": Currency(("un dollaro", "dollari"), ("un centesimo", "centesimi")),
        "€": Currency(("un euro", "euro"), ("un centesimo", "centesimi")),
        "£": Currency(("una sterlina", "sterline")), "¥": Currency(("uno yen", "yen")),
    },
    units={
        "km": ("un chilometro", "chilometri"), "m": ("un metro", "metri"), "cm": ("un centimetro", "centimetri"),
        "mm": ("un millimetro", "millimetri"), "kg": ("un chilo", "chili"), "g": ("un grammo", "grammi"),
        "mg": ("un milligrammo", "milligrammi"), "l": ("un litro", "litri"), "ml": ("un millilitro", "millilitri"),
        "h": ("un'ora", "ore"), "min": ("un minuto", "minuti"), "s": ("un secondo", "secondi"),
        "km/h": ("un chilometro all'ora", "chilometri all'ora"), "m²": ("un metro quadrato", "metri quadrati"),
        "mq": ("un metro quadrato", "metri quadrati"), "km²": ("un chilometro quadrato", "chilometri quadrati"),
        "°C": ("un grado Celsius", "gradi Celsius"), "°": ("un grado", "gradi"), "GB": ("un gigabyte", "gigabyte"),
        "MB": ("un megabyte", "megabyte"), "ha": ("un ettaro", "ettari"),
    },
    abbreviations={
        "Sig.": "signor", "sig.": "signor", "Sig.ra": "signora", "sig.ra": "signora", "Dott.": "dottor",
        "dott.": "dottor", "Dr.": "dottor", "Prof.": "professor", "prof.": "professor", "Ing.": "ingegner",
        "Avv.": "avvocato", "ecc.": "eccetera", "es.": "esempio", "pag.": "pagina", "pagg.": "pagine",
        "a.C.": "avanti Cristo", "d.C.": "dopo Cristo", "ca.": "circa", "S.p.A.": "società per azioni",
        "tel.": "telefono",
    },
    numbered={
        "n.": "numero", "N.": "numero", "p.": "pagina", "pp.": "pagine", "cap.": "capitolo", "vol.": "volume",
        "fig.": "figura", "art.": "articolo", "§": "paragrafo",
    },
    symbols={
        "#": "numero", "&": "e", "+": "più", "=": "uguale a", "×": "per", "÷": "diviso", "±": "più o meno",
        "~": "circa",
        "@": "chiocciola", "%": "per cento", "°": "gradi", "/": "o", "<": "minore di", ">": "maggiore di",
    },
    address={".": "punto", "/": "barra", "-": "trattino", "_": "trattino basso", "@": "chiocciola", "#": "hashtag"},
    magnitudes={
        "mila": "mila", "milione": "milione", "milioni": "milioni", "miliardo": "miliardo", "miliardi": "miliardi",
    },
    numerals_after=word_set("atto capitolo fase guerra libro parte scena tipo tomo volume"),
    regnal="{}", regnal_ordinal_limit=99, money_of="di", fraction_as_number=True, spaced_thousands=True, one="un",
    hour="{} e {}", halves={"½": "mezzo", "¼": "un quarto", "¾": "tre quarti", "⅓": "un terzo"},
    starters=word_set("il lo la i gli le un una è e ma in nel a da per con quando come non si questo questa"),
    ending=frozenset(["ecc.", "a.C.", "d.C.", "S.p.A."]),
)

PORTUGUESE = LanguageRules(
    code="pt", decimal=",", thousands=".", point="vírgula", minus="menos", percent="por cento", to="a", conjunction="e",
    months=(
        "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
        "novembro", "dezembro",
    ),
    currencies={
        "R$": Currency(("um real", "reais"), ("um centavo", "centavos")),
        "$": Currency(("um dólar", "dólares"), ("um centavo", "centavos")),
        "US$": Currency(("um dólar", "dólares"), ("um centavo", "centavos")),
        "€": Currency(("um euro", "euros"), ("um cêntimo", "cêntimos")),
        "£": Currency(("uma libra", "libras")), "¥": Currency(("um iene", "ienes")),
    },
    units={
        "km": ("um quilômetro", "quilômetros"), "m": ("um metro", "metros"), "cm": ("um centímetro", "centímetros"),
        "mm": ("um milímetro", "milímetros"), "kg": ("um quilo", "quilos"), "g": ("um grama", "gramas"),
        "mg": ("um miligrama", "miligramas"), "l": ("um litro", "litros"), "ml": ("um mililitro", "mililitros"),
        "h": ("uma hora", "horas"), "min": ("um minuto", "minutos"), "s": ("um segundo", "segundos"),
        "km/h": ("um quilômetro por hora", "quilômetros por hora"), "m²": ("um metro quadrado", "metros quadrados"),
        "km²": ("um quilômetro quadrado", "quilômetros quadrados"), "°C": ("um grau Celsius", "graus Celsius"),
        "°": ("um grau", "graus"), "GB": ("um gigabyte", "gigabytes"), "MB": ("um megabyte", "megabytes"),
        "ha": ("um hectare", "hectares"),
    },
    abbreviations={
        "Sr.": "senhor", "Sra.": "senhora", "Srta.": "senhorita", "Dr.": "doutor", "Dra.": "doutora",
        "Prof.": "professor", "Profa.": "professora", "etc.": "etcétera", "p. ex.": "por exemplo",
        "pág.": "página", "págs.": "páginas", "Av.": "avenida", "a.C.": "antes de Cristo",
        "d.C.": "depois de Cristo", "aprox.": "aproximadamente", "Sto.": "santo", "Sta.": "santa", "tel.": "telefone",
        "Ltda.": "limitada", "S.A.": "sociedade anônima", "EUA": "Estados Unidos",
    },
    numbered={
        "n.º": "número", "nº": "número", "n°": "número", "p.": "página", "pp.": "páginas", "cap.": "capítulo",
        "vol.": "volume", "fig.": "figura", "art.": "artigo", "§": "parágrafo",
    },
    symbols={
        "#": "número", "&": "e", "+": "mais", "=": "igual a", "×": "vezes", "÷": "dividido por", "±": "mais ou menos",
        "~": "cerca de",
        "@": "arroba", "%": "por cento", "°": "graus", "/": "ou", "<": "menor que", ">": "maior que",
    },
    address={".": "ponto", "/": "barra", "-": "hífen", "_": "sublinhado", "@": "arroba", "#": "hashtag"},
    magnitudes={
        "mil": "mil", "milhão": "milhão", "milhões": "milhões", "bilhão": "bilhão", "bilhões": "bilhões",
    },
    numerals_after=word_set("ato capítulo cena fase guerra livro parte século tipo tomo volume"),
    regnal="{}", regnal_ordinal_limit=10, money_of="de", fraction_as_number=True, spaced_thousands=True,
    hour="{} e {}", full_hour="{} horas", hour_word="horas",
    halves={"½": "meio", "¼": "um quarto", "¾": "três quartos", "⅓": "um terço"},
    starters=word_set("o a os as um uma é e mas em no na de por para com quando como não se ele ela"),
    ending=word_set("etc. a.C. d.C. S.A. Ltda. EUA"),
)
