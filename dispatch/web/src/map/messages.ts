// Texts of the map itself. The page that draws it explains its colours.
export const MAP = {
  zoom_in: ['放大', 'Zoom in'],
  zoom_out: ['缩小', 'Zoom out'],
  whole_city: ['显示全部', 'Show everything'],
  map_of: ['地图：{name}', 'Map: {name}'],
  map_keys: [
    '方向键移动，加减号缩放，回车选中地图中心的片区。',
    'Arrow keys move, plus and minus zoom, Enter chooses the zone in the middle.',
  ],
  zones_of: ['片区图：{name}', 'Zones: {name}'],
  svg_keys: ['方向键逐个查看片区，回车选中。', 'Arrow keys step through the zones, Enter chooses one.'],
  no_webgl: [
    '此浏览器无法绘制交互地图，已改用简图。',
    'This browser cannot draw the interactive map; a plain one is shown.',
  ],
  map_failed: ['交互地图没能载入，已改用简图。', 'The interactive map could not be loaded; a plain one is shown.'],
  map_approval: ['审图号：{number}', 'Map approval number: {number}'],
} as const
