/** Words, names and things of a streaming site; invented, in the language of its users. */
export const CHAT_TEXTS: readonly string[] = [
  '666',
  '666666',
  '哈哈哈哈哈哈',
  '草',
  '？？？',
  '来了来了',
  '主播晚上好',
  '这波操作太强了',
  '救命笑死我了',
  '下次一定',
  '前排围观',
  '泪目了家人们',
  '这也行？',
  '太好听了吧',
  '上车上车',
  '稳了稳了',
  '我不允许你这么说',
  '合影留念📷',
  '好耶！🎉🎉',
  '冲冲冲！🔥',
  '今天几点下播呀',
  '第一次来，关注了',
  '这歌叫什么名字',
  '主播声音好温柔 ❤️',
  '别急，再等等看',
  '经典复刻',
  '打卡第 233 天',
  '弹幕护体',
  '高能预警⚠️',
  '这就是传说中的“欧皇”吗',
  '👨‍👩‍👧‍👦 一家人整整齐齐',
  'GG，WP',
  'nice!',
  'awsl',
  '「」『』【】都试试',
  '𠮷野家在哪里',
  'ﾟ∀ﾟ)ノ',
  '\\(^o^)/',
  '"引号" 和 \\ 反斜杠',
  '<b>不是标签</b> & 不是实体',
  '生日快乐🎂！愿新的一年里所有的事情都顺顺利利，所有的愿望都能一一实现',
  '听了一晚上了，作业还没写完，明天早上八点的课怎么办啊',
  '敏­感词也要完整',
  '１２３全角',
  '한국어도 조금',
  'こんにちは、初見です',
  'Привет из далека',
];

export const NAME_PARTS: readonly string[] = [
  '星河',
  '夜雨',
  '清风',
  '小鹿',
  '团子',
  '橘猫',
  '汽水',
  '山海',
  '北极',
  '南瓜',
  '阿喵',
  '柠檬',
  '雪球',
  '云朵',
  '奶茶',
  '月亮',
  '不吃鱼',
  '爱睡觉',
  '今天也',
  '在摸鱼',
  '_official',
  '酱',
  '大魔王',
  '同学',
  '🌙',
  'Kira',
  '2333',
  '有点困',
  '很努力',
  '本人',
];

export const MEDALS: readonly string[] = [
  '小奶糖',
  '夜猫子',
  '星之岛',
  '咕咕鸟',
  '铁锅炖',
  '电波',
  '鲸落',
  '橘子海',
  '三分甜',
  '风信子',
];

export const TITLES: readonly string[] = [
  '【直播】今晚不睡觉，打到通关为止',
  '随便唱唱 | 点歌看公告',
  '新手第一次直播请多关照🌱',
  '排位冲分！！',
  '深夜电台：听你说',
  '周末联赛 决赛 第二场',
  '画画摸鱼中…',
  '一起自习吧（番茄钟 25/5）',
  '户外：带你们看日出',
  '老游戏怀旧专场',
];

export const GIFTS: readonly { id: number; name: string; price: number; coin: 'gold' | 'silver' }[] = [
  { id: 31036, name: '小花花', price: 100, coin: 'gold' },
  { id: 31039, name: '牛哇牛哇', price: 100, coin: 'gold' },
  { id: 31164, name: '粉丝团灯牌', price: 1000, coin: 'gold' },
  { id: 31216, name: '小蛋糕', price: 1500, coin: 'gold' },
  { id: 35969, name: '薯条', price: 100, coin: 'gold' },
  { id: 30869, name: '心动卡', price: 15_000, coin: 'gold' },
  { id: 32125, name: '电影票', price: 2000, coin: 'gold' },
  { id: 25, name: '小电视飞船', price: 1_245_000, coin: 'gold' },
  { id: 1, name: '辣条', price: 100, coin: 'silver' },
];

export const BLIND_BOX = { name: '心动盲盒', price: 15_000 };

export const GUARDS: readonly { tier: 1 | 2 | 3; name: string; price: number; gift: number }[] = [
  { tier: 3, name: '舰长', price: 198_000, gift: 10003 },
  { tier: 2, name: '提督', price: 1_998_000, gift: 10002 },
  { tier: 1, name: '总督', price: 19_998_000, gift: 10001 },
];

export const SUPERCHAT_PRICES: readonly { yuan: number; seconds: number }[] = [
  { yuan: 30, seconds: 60 },
  { yuan: 50, seconds: 120 },
  { yuan: 100, seconds: 300 },
  { yuan: 500, seconds: 1800 },
  { yuan: 1000, seconds: 3600 },
];

export const AREAS: readonly { id: number; name: string; list: readonly { id: number; name: string }[] }[] = [
  {
    id: 2,
    name: '网游',
    list: [
      { id: 86, name: '英雄联盟' },
      { id: 329, name: '无畏契约' },
      { id: 89, name: 'CS2' },
    ],
  },
  {
    id: 3,
    name: '手游',
    list: [
      { id: 35, name: '王者荣耀' },
      { id: 321, name: '原神' },
    ],
  },
  {
    id: 1,
    name: '娱乐',
    list: [
      { id: 145, name: '颜值' },
      { id: 740, name: '聊天室' },
      { id: 21, name: '视频唱见' },
    ],
  },
  {
    id: 9,
    name: '虚拟主播',
    list: [
      { id: 371, name: '虚拟主播' },
      { id: 697, name: '虚拟Gamer' },
    ],
  },
  {
    id: 11,
    name: '知识',
    list: [
      { id: 372, name: '陪伴学习' },
      { id: 376, name: '社科法律心理' },
    ],
  },
];
