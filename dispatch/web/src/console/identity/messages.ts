// Texts of signing in.
export const IDENTITY = {
  intro: ['把每一册反诈宣传资料发到最需要的片区，每一册都有台账可查。', 'Every printed copy where it is needed most, and every copy accounted for.'],
  honest: ['按片区说明已发多少、估计触达多少户、哪里还是盲区。', 'Zone by zone: how much went out, how many households it reached, and where the gaps are.'],
  sign_in: ['登录', 'Sign in'],
  login: ['账号', 'Login'],
  password: ['口令', 'Password'],
  city_code: ['城市编号', 'City code'],
  rider_link: ['骑手请用手机页面', 'Riders: use the phone page'],
  demonstration_hint: ['本服务器装有虚构的演示城市，可直接试用：', 'This server holds a fictional city. Try it as:'],
  try_it: ['以此身份试用', 'Try it'],
  try_as: ['以{role}身份试用', 'Try it as {role}'],
  no_city: ['服务器上还没有城市，请先由管理员导入。', 'There is no city on this server yet; the operator has to set one up first.'],
} as const
