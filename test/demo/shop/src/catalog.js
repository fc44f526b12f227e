/** The articles on sale. Prices are whole cents. */
const ARTICLES = [
  { sku: "postcard", title: "Postcard", price: 350 },
  { sku: "pencil", title: "Pencil", price: 190 },
  { sku: "notebook", title: "Notebook, dotted", price: 1290 },
  { sku: "mug", title: "Mug", price: 1490 },
  { sku: "poster", title: "Poster, A2", price: 2400 },
  { sku: "lamp", title: "Desk lamp", price: 5900 },
  { sku: "chair", title: "Desk chair", price: 18900 },
];

const bySku = new Map(ARTICLES.map((article) => [article.sku, article]));

export function listArticles() {
  return ARTICLES;
}

export function findArticle(sku) {
  return bySku.get(sku);
}
