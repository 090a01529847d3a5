//! Names, streets and towns of the fictional comune. Any likeness with real families is chance.

/// Surnames of Italian families.
pub(super) const SURNAMES: &[&str] = &[
    "Rossi", "Bianchi", "Ferrari", "Esposito", "Romano", "Colombo", "Ricci", "Marino", "Greco",
    "Bruno", "Gallo", "Conti", "De Luca", "Costa", "Giordano", "Mancini", "Rizzo", "Lombardi",
    "Moretti", "Barbieri", "Fontana", "Santoro", "Mariani", "Rinaldi", "Caruso", "Ferrara",
    "Galli", "Martini", "Leone", "Longo", "Gentile", "Martinelli", "Vitale", "Lombardo", "Serra",
    "Coppola", "De Santis", "D’Angelo", "Marchetti", "Parisi", "Villa", "Conte", "Ferraro",
    "Fabbri", "Bianco", "Marini", "Grasso", "Valentini", "Messina", "Sala", "De Angelis", "Gatti",
    "Pellegrini", "Palumbo", "Sanna", "Farina", "Rizzi", "Monti", "Cattaneo", "Morelli", "Nicolò",
    "Tò", "Dell’Acqua", "Guerrini", "Lupi", "Bartolini", "Cecchi", "Niccolai", "Paoletti",
];

/// Given names of girls and women.
pub(super) const WOMEN: &[&str] = &[
    "Sofia", "Aurora", "Giulia", "Ginevra", "Beatrice", "Alice", "Vittoria", "Emma", "Ludovica",
    "Matilde", "Anna", "Camilla", "Chiara", "Giorgia", "Bianca", "Nicole", "Greta", "Gaia",
    "Martina", "Azzurra", "Arianna", "Sara", "Noemi", "Rebecca", "Mia", "Isabel", "Elena", "Viola",
    "Margherita", "Francesca", "Maria Luisa", "Elisa", "Valentina", "Laura", "Silvia", "Federica",
];

/// Given names of boys and men.
pub(super) const MEN: &[&str] = &[
    "Leonardo", "Francesco", "Tommaso", "Edoardo", "Alessandro", "Lorenzo", "Mattia", "Gabriele",
    "Riccardo", "Andrea", "Diego", "Nicolò", "Matteo", "Giuseppe", "Federico", "Antonio", "Enea",
    "Samuele", "Giovanni", "Pietro", "Filippo", "Davide", "Giulio", "Gioele", "Christian",
    "Michele", "Gabriel", "Luca", "Marco", "Elia", "Salvatore", "Vincenzo", "Emanuele", "Thomas",
    "Alessio", "Paolo", "Simone", "Stefano",
];

/// Families that came from elsewhere: surname, a woman's name, a man's name, the State's code.
pub(super) const FROM_ABROAD: &[(&str, &str, &str, &str)] = &[
    ("Popescu", "Ioana", "Andrei", "Z129"),
    ("Hoxha", "Mirela", "Arben", "Z100"),
    ("El Amrani", "Fatima", "Youssef", "Z330"),
    ("Kovačević", "Jelena", "Marko", "Z118"),
    ("Shevchenko", "Olena", "Taras", "Z138"),
    ("Chen", "Mei", "Wei", "Z210"),
    ("Ndiaye", "Awa", "Moussa", "Z343"),
    ("Łukasik", "Agnieszka", "Paweł", "Z127"),
];

/// Streets.
pub(super) const STREETS: &[&str] = &[
    "Via Roma", "Via Giuseppe Garibaldi", "Via dei Tigli", "Via Dante Alighieri", "Viale della Repubblica",
    "Piazza San Lieto", "Via del Mulino", "Via Aldo Moro", "Via delle Scuole", "Via Vecchia Fiorentina",
    "Via Maria Montessori", "Via Gianni Rodari", "Via XXV Aprile", "Via del Fosso", "Via Carlo Collodi",
];

/// Neighbouring towns, for those who are not residents: name and postal code.
pub(super) const NEIGHBOURS: &[(&str, &str)] =
    &[("Pontedera", "56025"), ("Cascina", "56021"), ("Vicopisano", "56010"), ("Calci", "56011")];
