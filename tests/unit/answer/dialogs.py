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

# Written after the rules; nothing was changed to fit them.
HELD_OUT: tuple[Dialog, ...] = (
    ("en", ("What does shipping to Austria cost?", "€6.90.", "And to Poland?"), ("shipping", "Poland"), ("Austria",)),
    ("en", ("Is the Hearth Cam weatherproof?", "IP65.", "Can I mount it on the ceiling?"), ("Hearth Cam", "ceiling"), ("weatherproof",)),
    ("en", ("How do I pair the Hearth Hub?", "Hold the button.", "What if it keeps blinking?"), ("Hearth Hub", "blinking"), ()),
    ("en", ("Which plan covers drops?", "TechCare covers drops.", "How much is it per year?"), ("TechCare",), ()),
    ("en", ("Do gift cards expire?", "After 3 years.", "Where can I buy them?"), ("gift cards",), ()),
    ("en", ("Can I pay with PayPal?", "Yes.", "How do I track my parcel?"), ("parcel",), ("PayPal",)),
    ("en", ("What is the trade-in value of a Vela 4?", "€120.", "How do I delete my account?"), ("account",), ("Vela",)),
    ("en", ("Can I change the delivery address?", "Until dispatch.", "Is there a student discount on laptops?"), ("student",), ("address",)),
    ("en", ("Does the warranty cover water damage?", "No.", "I opened the box of my phone, can I still return it?"), ("phone",), ("water",)),
    ("de", ("Was kostet TechCare für Handys?", "49 €.", "Und für Laptops?"), ("TechCare", "Laptops"), ("Handys",)),
    ("de", ("Wie lange dauert die Reparatur?", "5 Tage.", "Was kostet sie?"), ("Reparatur",), ()),
    ("de", ("Kann ich Geschenkkarten umtauschen?", "Nein.", "Wo finde ich meine Rechnung als PDF?"), ("Rechnung",), ("Geschenkkarten",)),
    ("de", ("Was bedeutet E-524?", "Ventil blockiert.", "Und E-520?"), ("E-520",), ("E-524",)),
    ("es", ("¿Cuánto cuesta reparar la pantalla?", "189 €.", "¿Y la batería?"), ("batería",), ()),
    ("es", ("¿Se puede devolver el Aurora One?", "Sí.", "¿Cuánto tiempo tengo para eso?"), ("Aurora One",), ()),
    ("es", ("¿Qué es TechCare?", "Un seguro.", "¿Cómo cambio mi contraseña?"), ("contraseña",), ("TechCare",)),
)  # fmt: skip
