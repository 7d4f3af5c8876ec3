"""Written dialogs: language, turns, words that the last question has to be searched with, and words not."""
# ruff: noqa: E501 - a dialog a line

from __future__ import annotations

Dialog = tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]

# (language, turns; the person's and the assistant's by turns, the person's last one at the end, needed, unwanted)
DIALOGS: tuple[Dialog, ...] = (
    # English: it leans
    ("en", ("How long can I return headphones?", "30 days.", "And for sale items?"), ("return", "sale"), ()),
    ("en", ("How much is shipping to Germany?", "€4.90.", "And to Norway?"), ("shipping", "Norway"), ("Germany",)),
    ("en", ("Can I return the Aurora One?", "Yes.", "How much does it cost?"), ("Aurora", "cost"), ("return",)),
    ("en", ("Does the Nimbus 14 have USB-C?", "Yes.", "And the Nimbus 16 Pro?"), ("Nimbus 16 Pro", "USB-C"), ("14",)),
    ("en", ("Which headphones have noise cancelling?", "The Aurora One has it.", "How heavy are they?"),
     ("Aurora One", "heavy"), ()),
    ("en", ("What is the warranty on laptops?", "2 years.", "How do I claim it?"), ("warranty", "claim"), ()),
    ("en", ("Can I return headphones?", "Yes.", "How long do I have?"), ("headphones", "return"), ()),
    ("en", ("How much is shipping to Norway?", "€14.90.", "How long does it take?"), ("shipping", "Norway"), ()),
    ("en", ("Can I use SUMMER20 twice?", "No.", "When does it expire?"), ("SUMMER20", "expire"), ()),
    ("en", ("My thermostat shows E-524.", "Press the valve.", "What if that does not help?"),
     ("E-524", "thermostat"), ()),
    ("en", ("Can I exchange a gift card?", "No.", "Why?"), ("gift card",), ()),
    ("en", ("How do I reset my password?", "Use the link.", "The link does not work, what about that?"),
     ("password", "link"), ()),
    ("en", ("Can I return the Vela 5?", "Yes.", "And the Aurora One?", "Yes.", "Until when can I return it?"),
     ("Aurora One", "return"), ("Vela",)),
    ("en", ("Do you ship laptops to Spain?", "Yes.", "What about phones?"), ("phones", "Spain"), ()),
    # English: it stands alone
    ("en", ("Can I return headphones?", "Yes.", "What payment methods do you accept?"), ("payment",), ("headphones",)),
    ("en", ("How much is shipping to Norway?", "€14.90.", "Is it possible to change my delivery address?"),
     ("address",), ("Norway",)),
    ("en", ("Is the Aurora One waterproof?", "No.", "How long is the warranty on laptops in Spain?"),
     ("laptops",), ("Aurora",)),
    ("en", ("Can I cancel my order?", "Yes.", "My laptop is broken, can you repair it?"), ("laptop",), ("order",)),
    ("en", ("What does E-217 mean?", "Pairing failed.", "What is SUMMER20?"), ("SUMMER20",), ("E-217",)),
    ("en", ("Can I return headphones?", "Yes.", "Can I return a phone if I opened it?"), ("phone",), ("headphones",)),
    ("en", ("How do I pay by invoice?", "At checkout.", "How long does it take to get a refund?"),
     ("refund",), ("invoice",)),
    ("en", ("Do you sell gift cards?", "Yes.", "Which stores are open this week?"), ("stores",), ("gift",)),
    ("en", ("Does the hub work in the US?", "No.", "I bought a phone and it does not start."), ("phone",), ("hub",)),
    # German
    ("de", ("Wie lange kann ich Kopfhörer zurückgeben?", "30 Tage.", "Und für reduzierte Artikel?"),
     ("reduzierte Artikel", "zurückgeben"), ()),
    ("de", ("Was kostet der Versand nach Deutschland?", "4,90 €.", "Und nach Norwegen?"),
     ("Versand", "Norwegen"), ("Deutschland",)),
    ("de", ("Wie lange gilt die Garantie auf Laptops?", "2 Jahre.", "Gilt das auch für Akkus?"),
     ("Garantie", "Akkus"), ()),
    ("de", ("Kann ich Kopfhörer zurückgeben?", "Ja.", "Was kosten sie?"), ("Kopfhörer", "kosten"), ("zurückgeben",)),
    ("de", ("Was bedeutet der Fehler E-501?", "Kein Netz.", "Wie behebe ich ihn?"), ("E-501", "behebe"), ()),
    ("de", ("Kann ich SUMMER20 zweimal nutzen?", "Nein.", "Was ist mit WELCOME10?"),
     ("WELCOME10", "nutzen"), ("SUMMER20",)),
    ("de", ("Kann ich Kopfhörer zurückgeben?", "Ja.", "Welche Zahlungsarten gibt es?"),
     ("Zahlungsarten",), ("Kopfhörer",)),
    ("de", ("Was kostet der Versand nach Norwegen?", "14,90 €.", "Wie lange dauert es, bis das Geld erstattet wird?"),
     ("Geld",), ("Norwegen",)),
    ("de", ("Wie lange gilt die Garantie?", "2 Jahre.", "Kann ich das Paket an eine andere Adresse schicken lassen?"),
     ("Paket",), ("Garantie",)),
    ("de", ("Kann ich bestellte Ware stornieren?", "Ja.", "Mein Laptop ist defekt, können Sie ihn reparieren?"),
     ("Laptop",), ("stornieren",)),
    # Spanish
    ("es", ("¿Cuánto tiempo tengo para devolver auriculares?", "30 días.", "¿Y para artículos en oferta?"),
     ("oferta", "devolver"), ("auriculares",)),
    ("es", ("¿Cuánto cuesta el envío a España?", "4,90 €.", "¿Y a Canarias?"), ("envío", "Canarias"), ("España",)),
    ("es", ("¿Qué cubre la garantía de los portátiles?", "Defectos.", "¿Cuánto tiempo dura eso?"), ("garantía",), ()),
    ("es", ("¿Tienen el Aurora One en azul?", "No.", "¿Puedo reservarlo en negro?"), ("Aurora One", "negro"), ()),
    ("es", ("¿Puedo devolver un regalo?", "Sí.", "¿Qué pasa con las tarjetas regalo?"), ("tarjetas", "devolver"), ()),
    ("es", ("¿Puedo devolver auriculares?", "Sí.", "¿Qué formas de pago aceptan?"), ("pago",), ("auriculares",)),
    ("es", ("¿Cuánto cuesta el envío a Canarias?", "9,90 €.", "¿Dónde encuentro la factura de mi pedido?"),
     ("factura",), ("Canarias",)),
    ("es", ("¿Cuánto dura la garantía?", "3 años.", "Mi portátil no enciende, ¿pueden repararlo?"),
     ("portátil",), ("garantía",)),
)  # fmt: skip
